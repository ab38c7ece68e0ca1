"""The import of quotes and invoices, their lines and their payments: what a row says, and writing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rouage.journal import bulk
from rouage.records import numbering
from rouage.records.importing.matching import Clients, status_words
from rouage.records.importing.rows import Item, RowReader
from rouage.records.importing.writing import Import, write_items
from rouage.records.kinds import KINDS
from rouage.records.models import Invoice, InvoiceLine, Payment, Quote, QuoteLine
from rouage.records.reading import Row, defaults, fields_of
from rouage.records.rules import dates_problem, invoice_status
from rouage.records.totals import CENT, ZERO, cents, line_net, totals

_SECOND_DATE = {"quote": "validity_date", "invoice": "due_date"}
_TOTALS = ("total_net", "total_tax", "total_gross")
_HUNDRED = Decimal(100)
# The other program may have rounded the VAT of each line.
_TOLERANCE = 5 * CENT
# What a file may change of a document that is there already.
_KEPT = {"quote": {"validity_date", "subject", "status"}, "invoice": {"due_date", "subject"}}
_CLOSED = frozenset({"cancelled", "credited"})


class LineChecker:
    """Reads the file of the lines into the lines of each number."""

    def __init__(self, vat_rate: Decimal) -> None:
        self.vat_rate = vat_rate
        self.found: dict[str, list[Row]] = defaultdict(list)
        self.readers: dict[str, RowReader] = {}
        self.bad: set[str] = set()

    def read(self, reader: RowReader) -> None:
        number = reader.text("number", 30, needed=True)
        quantity, price = reader.amount("quantity", 3), reader.amount("unit_price", 4)
        rate = reader.percent("vat_rate")
        line: Row = {
            "description": reader.text("description", 1000, needed=True),
            "quantity": Decimal(1) if quantity is None else quantity,
            "unit": reader.text("unit", 20),
            "unit_price": ZERO if price is None else price,
            "discount": reader.percent("discount") or reader.fraction("discount_fraction") or ZERO,
            "vat_rate": self.vat_rate if rate is None else rate,
        }
        if price is None and reader.is_good:
            reader.complain("unit_price", _("This cell is empty. Fill it in."))
        self.readers.setdefault(number, reader)
        if reader.is_good:
            self.found[number].append({**line, "net": line_net(line["quantity"], line["unit_price"], line["discount"])})
        else:
            self.bad.add(number)

    def complain_of_strangers(self, numbers: set[str]) -> None:
        """Lines of a document that is in no row of the main file."""
        for number, reader in self.readers.items():
            if number not in numbers and number not in self.bad:
                reader.complain("number", _("The file has no document of this number. Add it, or delete this line."))


class DocumentChecker:
    """Reads rows of quotes or invoices; ``lines`` is None without a file of lines."""

    def __init__(self, kind: str, run: Import, lines: LineChecker | None, vat_rate: Decimal) -> None:
        self.kind = kind
        self.run = run
        self.lines = lines
        self.vat_rate = vat_rate
        self.clients = Clients(run.organisation.pk)
        self.statuses = status_words(kind)
        self.seen: dict[str, int] = {}
        model = Quote if kind == "quote" else Invoice
        known = model._default_manager.filter(organisation_id=run.organisation.pk).exclude(number="")
        self.known = {number: (key, gone) for number, key, gone in known.values_list("number", "id", "deleted_at")}

    def item(self, reader: RowReader) -> Item | None:
        number = reader.text("number", 30, needed=True)
        if number in self.seen:
            reader.complain("number", _("This is on line %(line)d already.") % {"line": self.seen[number]})
        if number:
            self.seen.setdefault(number, reader.line)
        key, gone = self.known.get(number, (None, None))
        if gone:
            reader.complain("number", _("A deleted record has this number. Choose another number."))
        values = self._columns(reader, number)
        lines = self._lines(reader, number, values["subject"])
        values |= self._totals(reader, lines)
        item = Item(line=reader.line, values=values, lines=lines, existing={"id": key} if key else None)
        self._state(reader, item)
        return item if reader.is_good else None

    def reconcile(self, item: Item, reader: RowReader) -> None:
        """A document that is there already may get new dates and payments, no other client and no other amounts."""
        existing = item.existing or {}
        if existing["client_id"] != item.values["client_id"]:
            reader.complain("number", _("This number belongs to a document of another client. Correct one of the two."))
        elif existing["total_gross"] != item.values["total_gross"]:
            text = _("This document is here already with a total of %(total)s. Correct it, or delete the line.")
            reader.complain("number", text % {"total": existing["total_gross"]})
        elif item.paid is not None and item.paid < existing.get("paid_total", ZERO):
            reader.complain("paid_amount", _("More has been paid already. Remove the payment on the invoice first."))
        kept = _KEPT[self.kind] & reader.mapped.keys()
        item.values = {name: value for name, value in item.values.items() if name in kept and value not in (None, "")}
        if self.kind == "invoice":
            self._reconcile_payment(item, existing)

    def _reconcile_payment(self, item: Item, existing: Row) -> None:
        if item.paid is not None and item.paid > existing["paid_total"]:
            item.values |= {"paid_total": item.paid, "balance": existing["total_gross"] - item.paid}
        else:
            item.paid = None
        after = {**existing, **item.values}
        status = invoice_status(after, self.run.today)
        if status != existing["status"]:
            item.values |= {"status": status, "paid_on": item.paid_on if status == "paid" else None}

    def _columns(self, reader: RowReader, number: str) -> Row:
        second = _SECOND_DATE[self.kind]
        issued = reader.day("issue_date")
        if issued is None and reader.is_good:
            reader.complain("issue_date", _("This cell is empty. Fill it in."))
        currency = reader.text("currency", 3).upper()
        values: Row = {
            "number": number,
            "client_id": self.clients.named(reader),
            "subject": reader.text("subject", 200),
            "currency": currency or self.run.organisation.currency,
            "issue_date": issued or self.run.today,
            second: reader.day(second),
        }
        problem = dates_problem(self.kind, values, frozenset(values))
        if problem:
            reader.complain(second, _("This date is before the issue date. Correct one of the two."))
        return values

    def _lines(self, reader: RowReader, number: str, subject: str) -> list[Row]:
        """From the file of the lines, or one line for the whole; shipping is a line of its own."""
        lines = list(self.lines.found.get(number, ())) if self.lines else []
        if self.lines and number in self.lines.bad:
            # Said already, where it is wrong; half a document is none.
            reader.is_good = False
        elif not lines:
            lines = self._whole(reader, subject)
        freight = reader.amount("freight")
        if freight:
            lines.append(_line(str(_("Shipping")), freight, lines[0]["vat_rate"] if lines else self.vat_rate))
        return [{**line, "position": position} for position, line in enumerate(lines, start=1)]

    def _whole(self, reader: RowReader, subject: str) -> list[Row]:
        net, gross, rate = reader.amount("total_net"), reader.amount("total_gross"), reader.percent("vat_rate")
        if net is None and gross is None:
            if reader.is_good:
                key = "total_net" if "total_net" in reader.mapped else "total_gross"
                reader.complain(key, _("There is no amount. Enter a total, or add the file with the lines."))
            return []
        if rate is None:
            rate = self.vat_rate if net is None or gross is None or not net else _rate(net, gross)
        if net is None:
            net = cents((gross or ZERO) * _HUNDRED / (_HUNDRED + rate))
        if gross is not None and not 0 <= rate <= _HUNDRED:
            reader.complain("total_gross", _("The two totals do not fit each other. Correct one of them."))
            return []
        return [_line(subject or str(_("Total")), net, rate)]

    def _totals(self, reader: RowReader, lines: Sequence[Row]) -> Row:
        """What the lines come to; a total in the file counts, if it is within a few cents of that."""
        sums = totals((line["net"], line["vat_rate"]) for line in lines)
        gross, net, tax = sums.gross, sums.net, sums.tax
        said = reader.amount("total_gross")
        if said is not None and said != gross:
            if reader.is_good and abs(said - gross) > _TOLERANCE:
                text = _("The lines come to %(total)s. Correct one of the two.")
                reader.complain("total_gross", text % {"total": gross})
            gross, tax = said, said - net
        if gross < ZERO:
            text = _("An amount below zero is a credit note, and those are not imported. Delete the line.")
            reader.complain("total_gross", text)
        return dict(zip(_TOTALS, (net, tax, gross), strict=True))

    def _state(self, reader: RowReader, item: Item) -> None:
        status = reader.choice("status", self.statuses)
        sent = datetime.combine(item.values["issue_date"], time(12), UTC)
        if self.kind == "quote":
            item.values |= _quote_state(status or "sent", sent)
            return
        paid, paid_on = reader.amount("paid_amount"), reader.day("paid_date")
        gross = item.values["total_gross"]
        if paid is None and (paid_on or status == "paid"):
            paid = gross
        if paid is not None and not ZERO <= paid <= gross:
            text = _("The amount paid is not between zero and the total. Correct one of the two.")
            reader.complain("paid_amount" if "paid_amount" in reader.mapped else "paid_date", text)
        item.paid, item.paid_on = paid or None, paid_on or item.values["issue_date"]
        item.values |= _invoice_state(status or "sent", sent, item, self.run.today)


def _line(description: str, net: Decimal, rate: Decimal) -> Row:
    return {
        "description": description, "quantity": Decimal(1), "unit": "", "unit_price": net, "discount": ZERO,
        "vat_rate": rate, "net": net,
    }  # fmt: skip


def _rate(net: Decimal, gross: Decimal) -> Decimal:
    """The VAT rate that leads from one total to the other, in percent."""
    return cents((gross - net) * _HUNDRED / net)


def _quote_state(status: str, sent: datetime) -> Row:
    values: Row = {"status": status, "sent_at": None if status == "draft" else sent}
    if status in {"accepted", "refused"}:
        values[f"{status}_at"] = sent
    return values


def _invoice_state(status: str, sent: datetime, item: Item, today: date) -> Row:
    """What the file calls sent, overdue or paid follows from its dates and payments; closed invoices stay closed."""
    paid = item.paid or ZERO
    values: Row = {
        "sent_at": None if status == "draft" else sent,
        "opened_at": sent if status == "opened" else None,
        "paid_total": paid,
        "balance": ZERO if status in _CLOSED else item.values["total_gross"] - paid,
        "paid_on": None,
    }
    base = "draft" if status == "draft" else "sent"
    values["status"] = status if status in _CLOSED else invoice_status({**item.values, **values, "status": base}, today)
    if values["status"] == "paid":
        values["paid_on"] = item.paid_on
    return values


def write_documents(kind: str, items: Sequence[Item], run: Import) -> None:
    """New documents with their lines, payments received, and our own counters moved past the numbers that came."""
    rows = write_items(kind, items, {}, run)
    pairs = list(zip(rows, items, strict=True))
    _write_lines(kind, [(row, item) for row, item in pairs if not item.existing], run)
    if kind == "invoice":
        _write_payments([(row, item) for row, item in pairs if item.paid], run)
    numbering.pass_over(KINDS[kind], run.organisation.pk, [row["number"] for row, item in pairs if not item.existing])


def _write_lines(kind: str, pairs: Sequence[tuple[Row, Item]], run: Import) -> None:
    model = QuoteLine if kind == "quote" else InvoiceLine
    columns = tuple(name for name in fields_of(model) if name != "id")
    base: Mapping[str, Any] = {**defaults(model), "organisation_id": run.organisation.pk}
    rows = [{**base, **line, f"{kind}_id": row["id"]} for row, item in pairs for line in item.lines]
    bulk.insert(model, columns, [tuple(row[name] for name in columns) for row in rows])


def _write_payments(pairs: Sequence[tuple[Row, Item]], run: Import) -> None:
    """What has been received beyond what we knew."""
    columns = ("organisation_id", "invoice_id", "amount", "paid_on", "method", "reference", "created_at")
    rows = []
    for row, item in pairs:
        known = item.existing["paid_total"] if item.existing else ZERO
        amount = (item.paid or ZERO) - known
        rows.append((run.organisation.pk, row["id"], amount, item.paid_on, "other", "", run.now))
    bulk.insert(Payment, columns, rows)
