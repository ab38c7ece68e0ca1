"""The headings by which columns are recognised, in French and English: folded, without punctuation."""

from __future__ import annotations

from collections.abc import Mapping

_TEXT = """
address: address, adresse, rue, street, adresse postale
brief: brief, notes, description, commentaire
city: city, ville, town, commune
client: client, client name, customer, customer name, nom du client, nom client, raison sociale, company, societe
client.name: name, nom, raison sociale, societe, company, company name, client, entreprise, nom du client, customer
client_code: client code, code client, ref client, reference client, client id, n client, customer code
code: code, code client, client code, customer code, reference, ref, id, numero, n client
contact: contact, contact name, nom du contact, interlocuteur, main contact, contact principal
country: country, pays
currency: currency, devise, monnaie
description: description, designation, libelle, product, produit, article, item, prestation
discount: discount, remise, rabais
due_date: due date, echeance, date d echeance, date echeance, payable le, due, a regler le
email: email, e mail, mail, courriel, adresse email, email address, adresse mail, adresse e mail
end: end, fin, date de fin, end date, end at, se termine le
freight: freight, shipping, port, frais de port, transport
issue_date: issue date, date, date d emission, date emission, emise le, emis le, date de facture, date facture
issue_date: invoice date, date du devis, date de devis, quote date, du
language: language, langue
lead: lead, project lead, chef de projet, responsable, charge de projet
location: location, lieu, place, salle, venue, adresse
event.name: name, nom, titre, title, evenement, event, nom de l evenement, event name
number: number, numero, no, n, num, reference, ref, piece
invoice.number: numero de facture, n facture, n de facture, invoice number, invoice no, facture, invoice
quote.number: numero de devis, n devis, n de devis, quote number, quote no, devis, quote
paid_amount: paye, paid amount, amount paid, montant paye, montant regle, deja regle, acompte, paid
paid_date: paid date, paid on, date de paiement, payee le, date de reglement, reglee le, date paiement
paid_date: paye le, regle le
payment_days: payment days, delai de paiement, payment terms, delai
phone: phone, telephone, tel, mobile, portable, phone number, n de telephone
postal_code: postal code, code postal, cp, zip, zip code, postcode
quantity: quantity, quantite, qte, qty
start: start, debut, date de debut, start date, start at, commence le, date
status: status, statut, etat, state
subject: subject, objet, title, titre, libelle, intitule, description
title: title, fonction, position, job title, poste
total_gross: total ttc, montant ttc, ttc, total, amount, montant, gross, total including vat
total_net: total ht, montant ht, ht, net, total net, subtotal, total excluding vat
type: type, type de client, kind
unit: unit, unite
unit_price: unit price, prix unitaire, pu, pu ht, prix unitaire ht, prix, price
validity_date: validity date, valid until, validite, date de validite, valable jusqu au, expire le, expiration
vat_rate: tva, taux tva, taux de tva, vat, vat rate, tax rate
"""


def _read(text: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in text.strip().splitlines():
        key, _, headings = line.partition(":")
        found[key] = found.get(key, frozenset()) | {heading.strip() for heading in headings.split(",")}
    return found


_HEADINGS = _read(_TEXT)


def headings_of(kind: str, key: str) -> frozenset[str]:
    """All headings that mean the target ``key`` in a file of ``kind``."""
    own = _HEADINGS.get(f"{kind}.{key}", frozenset())
    return own | _HEADINGS.get(key, frozenset()) | {key.replace("_", " ")}
