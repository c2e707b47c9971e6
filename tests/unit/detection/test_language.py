"""What language a text is in, where it is in one at all."""

from __future__ import annotations

import pytest

from privacy_service.detection.language import Languages

KNOWN = Languages(("en", "de", "fr", "es"))


@pytest.mark.parametrize(
    "text",
    [
        # Twice base64, a signature, letters apart, a token: these are not in another language.
        "V1c5MUlHTmhiaUJqWVd4c0lDczBPU0F6TUNBNU1ERTRNakExTlNCaFpuUmxjaUJtYVhabExnPT0=",
        "MEUCIQDx0r3kq9Zk1mHc0yJQp5c6vE8bq1wTnYf2s7u4RkXjLgIgQmFzZTY0TG9va3NMaWtlVGhpcw==",
        "\u200b".join("<PERSON> and the parcel are late"),
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "<PERSON>, <LOCATION>, <DATE_TIME>, <PERSON>; <LOCATION> <PHONE_NUMBER> - <PERSON>",
        "averyveryveryverylongwordofsomekindthatnobodysays",
    ],
)
def test_what_is_no_prose_is_in_no_language(text: str) -> None:
    assert KNOWN.of(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please leave the parcel with the neighbour.", "en"),
        ("Bitte geben Sie das Paket bei den Nachbarn ab.", "de"),
        ("Merci de livrer le colis chez la voisine.", "fr"),
        ("Por favor, deje el paquete con el vecino.", "es"),
    ],
)
def test_prose_is_in_its_language(text: str, language: str) -> None:
    assert KNOWN.of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Lämna paketet hos grannen Erik Johansson om ingen är hemma.",
        "Aflever venligst pakken hos naboen Lars Jensen, hvis ingen er hjemme.",
        "Lütfen paketi komşumuz Ayşe Yılmaz'a teslim edin, biz evde değiliz.",
        "Předejte prosím balík sousedovi Janu Novákovi, pokud nebudeme doma.",
        "Clientul dorește să își schimbe numele și adresa în sistem.",
        "Vui lòng giao gói hàng cho hàng xóm Nguyễn Văn An nếu chúng tôi không có nhà.",
        "Меня зовут Мария, и я живу в Москве.",
        "Με λένε Μαρία Παπαδοπούλου και μένω στην Αθήνα.",
        "我的名字是王小明，我住在上海市浦东新区。",
        "アパートの鍵は田中太郎さんに渡してください。",
    ],
)
def test_prose_in_a_language_that_nobody_reads_is_not_taken_for_ours(text: str) -> None:
    assert KNOWN.of(text) not in (None, "en", "de", "fr", "es")


@pytest.mark.parametrize(
    "text",
    [
        "Esat Jeknić, Marshall, Hernandez and Simpson",
        "Invoice overdue, contact Nguyen Van An immediately about payment terms",
        "Рlеаsе tell Mаriа about it",  # Cyrillic letters among Latin ones
        "Ｐｌｅａｓｅ　ｃａｌｌ　ｍｅ　ｔｏｄａｙ",
    ],
)
def test_foreign_names_and_letters_are_not_another_language(text: str) -> None:
    assert KNOWN.of(text) in (None, "en")
