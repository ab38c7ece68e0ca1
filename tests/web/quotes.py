"""What the form of a quote sends."""


def line(number, text="Pose", price="100", **values):
    boxes = {"description": text, "quantity": "1", "unit": "", "unit_price": price, "discount": "", "vat_rate": "20"}
    return {f"line-{number}-{name}": value for name, value in (boxes | values).items()}


def quote_data(customer, **values):
    return {
        "client": "Hôtel Beau Rivage (Annecy)", "client_known": customer.pk, "contact": "", "subject": "Éclairage",
        "issue_date": "2026-03-02", "validity_date": "2026-04-01", "owner": "", **line(0), **values,
    }  # fmt: skip
