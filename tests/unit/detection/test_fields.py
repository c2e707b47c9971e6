"""What a field's name says of its value, in the ways that people write names."""

from __future__ import annotations

import pytest

from privacy_service.detection.fields import FieldTable
from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage
from privacy_service.payloads.document import Path

TABLE = FieldTable.load()
RECOGNIZERS = Recognizers.load(DetectionSettings())


@pytest.mark.parametrize(
    ("path", "entity"),
    [
        (("firstName",), "PERSON"),
        (("LAST_NAME",), "PERSON"),
        (("given-name",), "PERSON"),
        (("givennamemale",), "PERSON"),
        (("customer", "name"), "PERSON"),
        (("name", "family"), "PERSON"),
        (("Vor- und Nachname",), "PERSON"),
        (("dateOfBirth",), "DOB"),
        (("patientDOB",), "DOB"),
        (("data_urodzenia",), "DOB"),
        (("contactPhone2",), "PHONE_NUMBER"),
        (("associatephonenumber",), "PHONE_NUMBER"),
        (("telefono_casa",), "PHONE_NUMBER"),
        (("driver's license",), "DRIVERS_LICENSE"),
        (("address", "line1"), "STREET_ADDRESS"),
        (("shipping_address", "zip"), "POSTCODE"),
        (("social_security_number",), "US_SSN"),
        (("emails", 0), "EMAIL_ADDRESS"),
        (("kundennummer",), "ACCOUNT_ID"),
        (("DB_PASSWORD",), "PASSWORD"),
        (("numéro de sécurité sociale",), "GOVERNMENT_ID"),
        (("code postal",), "POSTCODE"),
        # names cut short
        (("StrtNm",), "STREET_ADDRESS"),
        (("TwnNm",), "LOCATION"),
        (("cust_nm",), "PERSON"),
        (("brth_dt",), "DOB"),
        (("phne_nbr",), "PHONE_NUMBER"),
        (("noSecu",), "GOVERNMENT_ID"),
        (("enduser.id",), "USERNAME"),
    ],
)
def test_telling_names(path: Path, entity: str) -> None:
    sense = TABLE.of_path(path)
    assert sense is not None
    assert sense.entity == entity


@pytest.mark.parametrize(
    "name",
    [
        "email_verified", "phoneType", "friendlyName", "fileName", "hostCount", "nameserver",
        "password_policy", "next_page_token", "AccountSid",
        "file_nm", "prod_nm", "status_cd", "orderNumber", "status", "foo", "", "   ", "123",
    ],
)  # fmt: skip
def test_names_that_say_nothing_personal(name: str) -> None:
    sense = TABLE.of_name(name)
    assert sense is None or sense.entity in (None, "URL")


@pytest.mark.parametrize(
    "path",
    [
        ("product", "name"), ("company", "name"), ("items", 0, "name"), ("worksFor", "name"),
        ("lineItems", "name"), ("Projekt", "Name"),
    ],
)  # fmt: skip
def test_the_name_of_a_thing_is_nobodys(path: Path) -> None:
    assert TABLE.of_path(path) is None


@pytest.mark.parametrize(
    "path", [("customer", "name"), ("data", "name"), ("tenants", 0, "contact", "name"), ("name",)]
)
def test_the_name_of_anything_else_may_be_somebodys(path: Path) -> None:
    sense = TABLE.of_path(path)
    assert sense is not None
    assert sense.entity == "PERSON"


@pytest.mark.parametrize(
    ("key", "value", "entity"),
    [
        ("lname", "Oduya", "PERSON"),
        ("last_name", "Page", "PERSON"),
        ("ssn", "514690360", "US_SSN"),
        ("dob", "19890315", "DOB"),
        ("passwort", "sonne123", "PASSWORD"),
        ("street", "Lindenallee 7", "STREET_ADDRESS"),
        ("ville", "Lyon", "LOCATION"),
        ("imei", "79-180588-871803-3", "IMEI"),
        ("religion", "methodist", "NRP"),
        ("diagnosis", "type 2 diabetes", "HEALTH_CONDITION"),
        ("sexual_orientation", "bisexual", "SEX_LIFE"),
        ("trade_union", "IG Metall", "UNION_MEMBERSHIP"),
        ("pesel", "44051401359", "PL_PESEL"),
        ("cvv", "737", "CARD_SECURITY_CODE"),
        ("kennzeichen", "B-MW 1234", "LICENSE_PLATE"),
        ("pan", "5555555555554444", "CREDIT_CARD"),
        ("pan", "ABCPE1234F", "IN_PAN"),
        ("SurName", "Nwachukwu", "PERSON"),
        ("NAME1", "Wallner", "PERSON"),
        ("wohnort", "3920 Zermatt", "LOCATION"),
        ("ort", "CH-3920 Zermatt", "LOCATION"),
        ("grad", "Zadar", "LOCATION"),
        ("prijmeni", "Nowak", "PERSON"),
        ("ln", "Tanabe", "PERSON"),
        ("efternamn", "Lindqvist", "PERSON"),
        ("eircode", "F28 X5W6", "POSTCODE"),
        ("reporter", "bob.t", "USERNAME"),
    ],
)
def test_a_telling_key_finds_a_value_that_says_little(key: str, value: str, entity: str) -> None:
    found = max(RECOGNIZERS.find(Passage(text=value, path=(key,))), key=lambda one: one.score)
    assert (found.entity, found.start, found.end) == (entity, 0, len(value))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("phone", "iPhone 12"), ("name", "wrapping paper set"), ("last_name", "ojlDhEwqib xvE9"),
        ("password", "${DB_PASSWORD}"), ("password", "********"), ("token", "required"),
        ("city", "n/a"), ("city", "450 units"), ("dob", "unknown"),
        ("email", "yes"), ("ssn", "none"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_look_the_part(key: str, value: str) -> None:
    assert not [c for c in RECOGNIZERS.find(Passage(text=value, path=(key,))) if c.score >= 0.4]
