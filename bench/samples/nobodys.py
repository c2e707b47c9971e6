"""Values of nobody: thousands of them, as payloads and logs are full of. The seed decides all."""

from __future__ import annotations

import base64
import random
import string
import uuid
from collections.abc import Callable, Iterator
from typing import Final

from stdnum import ean, isbn

_HEX: Final = "0123456789abcdef"
_ALNUM: Final = string.ascii_letters + string.digits


class Nobody:
    """Makes values that are no personal data."""

    def __init__(self, seed: int = 7) -> None:
        self.random = random.Random(seed)

    def digits(self, low: int, high: int | None = None) -> str:
        count = self.random.randint(low, high or low)
        return str(self.random.randint(1, 9)) + "".join(
            self.random.choices(string.digits, k=count - 1)
        )

    def chars(self, alphabet: str, count: int) -> str:
        return "".join(self.random.choices(alphabet, k=count))

    def pick(self, *some: str) -> str:
        return self.random.choice(some)

    # -- single values

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def digest(self) -> str:
        return self.chars(_HEX, self.random.choice((7, 8, 12, 32, 40, 64)))

    def order(self) -> str:
        form = self.pick("{}", "ORD-{}", "#{}", "PO{}", "SO-2024-{}", "B2C/{}", "{}-01", "INV{}")
        return form.format(self.digits(5, 12))

    def version(self) -> str:
        parts = [str(self.random.randint(0, 30)) for _ in range(self.random.choice((2, 3, 4)))]
        return self.pick("v", "", "release-") + ".".join(parts) + self.pick("", "-rc1", "+build5")

    def price(self) -> str:
        amount = f"{self.random.randint(1, 9_999)}.{self.digits(2)}"
        return self.pick("${}", "{} EUR", "€{}", "{}", "1,{}", "USD {}").format(amount)

    def instant(self) -> str:
        day = f"20{self.random.randint(10, 29)}-{self.random.randint(1, 12):02}-"
        day += f"{self.random.randint(1, 28):02}"
        clock = f"{self.random.randint(0, 23):02}:{self.random.randint(0, 59):02}:59"
        return self.pick(f"{day}T{clock}Z", f"{day}T{clock}.123+02:00", f"{day} {clock},481")

    def epoch(self) -> str:
        return self.pick(f"17{self.digits(8)}", f"17{self.digits(11)}")

    def sku(self) -> str:
        return self.pick(
            f"{self.chars(string.ascii_uppercase, 3)}-{self.digits(4)}-{self.pick('S', 'M', 'XL')}",
            f"{self.chars(string.ascii_uppercase, 2)}{self.digits(6)}",
            f"{self.digits(3)}-{self.digits(3)}-{self.digits(4)}-A",
        )

    def isbn(self) -> str:
        plain = f"978{self.digits(9)}"
        plain += ean.calc_check_digit(plain)
        return self.pick(plain, isbn.format(plain))

    def barcode(self) -> str:
        plain = self.digits(12)
        return plain + ean.calc_check_digit(plain)

    def tracking(self) -> str:
        return self.pick(
            f"1Z{self.chars(string.ascii_uppercase + string.digits, 6)}03{self.digits(8)}",
            f"94{self.digits(20)}",
            self.digits(12),
            f"RR{self.digits(9)}DE",
            f"JJD0003{self.digits(12)}",
        )

    def color(self) -> str:
        return "#" + self.chars(_HEX, 6)

    def dotted(self) -> str:
        return self.pick(
            "java.util.concurrent.ThreadPoolExecutor", "org.springframework.web.servlet",
            "com.acme.shop.OrderService.place", "System.Collections.Generic.List", "numpy.linalg.norm",
        ) + self.pick("", f".method{self.digits(2)}")  # fmt: skip

    def path(self) -> str:
        return self.pick(
            "/var/log/app/", "C:\\Program Files\\Acme\\", "s3://bucket/2024/", "./src/"
        ) + (
            f"{self.pick('main', 'report', 'part-0000')}{self.digits(1, 4)}.{self.pick('log', 'py', 'gz')}"
        )

    def pod(self) -> str:
        return f"{self.pick('checkout', 'gateway', 'worker')}-{self.chars(_HEX, 9)}-{self.chars(_HEX, 5)}"

    def measure(self) -> str:
        return f"{self.digits(1, 4)}{self.pick('.5', '')} {self.pick('kg', 'ms', 'MB', '%', 'km/h', 'mmHg')}"

    def blob(self) -> str:
        return base64.b64encode(self.random.randbytes(self.random.choice((12, 30, 60)))).decode()

    def code(self) -> str:
        return self.pick("E1001", "HTTP 404", "ERR_CONNECTION_RESET", "ORA-00942", "SQLSTATE[23000]",
                         "EUR", "DE", "en-US", "A4", "PAID", "in_progress", "ISO-8859-1", "X-RAY")  # fmt: skip

    def flight(self) -> str:
        return f"{self.pick('LH', 'BA', 'AF')} {self.digits(3, 4)}"

    # -- lines

    def line(self) -> str:
        return self.random.choice(_LINES).format(
            uuid=self.uuid(), hex=self.digest(), order=self.order(), version=self.version(),
            price=self.price(), instant=self.instant(), sku=self.sku(), n=self.digits(1, 7),
            tracking=self.tracking(), isbn=self.isbn(), dotted=self.dotted(), path=self.path(),
            pod=self.pod(), measure=self.measure(), code=self.code(), flight=self.flight(),
        )  # fmt: skip


_LINES: Final = (
    "{instant} INFO  [main] {dotted} - started in {n} ms",
    "{instant} ERROR {dotted}: request {uuid} failed with {code} after {measure}",
    "{instant} WARN pod {pod} restarted {n} times, image sha256:{hex}",
    'level=info ts={instant} caller=main.go:{n} msg="compaction finished" took={measure}',
    "Order {order} was shipped with tracking number {tracking}.",
    "Invoice {order} over {price} is due in {n} days.",
    "Release {version} fixes {n} bugs; see commit {hex}.",
    "The part {sku} is out of stock, the price rises to {price}.",
    "ISBN {isbn} has {n} pages and costs {price}.",
    "GET /api/v2/orders/{n}?page=3&limit=50 HTTP/1.1 200 {n}",
    "Build #{n} passed in {measure}, coverage {measure}.",
    "SELECT count(*) FROM order_items WHERE order_id = {n} AND sku = '{sku}'",
    "Disk usage on node {pod} is at {measure} of {measure}.",
    "    at {dotted}(OrderService.java:{n})",
    "Upgrade from {version} to {version} before the migration.",
    "Blood pressure target is below 140/90 mmHg; dose {measure} twice daily.",
    "Flight {flight} boards at gate {n}, seat 12A.",
    "The temperature rose by {measure} between steps {n} and {n}.",
    "Error {code}: expected {n} columns but found {n} in {path}",
    'etag "{hex}" does not match, request id {uuid}',
    "Ticket {order} moved to Done. Story points: {n}. Sprint {n}.",
    "Room {n}, floor 3, capacity {n}.",
    "batch={n} offset={n} partition=12 topic=orders lag={n}",
    "We sold {n} units of {sku} last quarter, up {measure}.",
)

KINDS: Final[dict[str, Callable[[Nobody], str]]] = {
    "uuid": Nobody.uuid, "digest": Nobody.digest, "order": Nobody.order, "version": Nobody.version,
    "price": Nobody.price, "instant": Nobody.instant, "epoch": Nobody.epoch, "sku": Nobody.sku,
    "isbn": Nobody.isbn, "barcode": Nobody.barcode, "tracking": Nobody.tracking,
    "color": Nobody.color, "dotted": Nobody.dotted, "path": Nobody.path, "pod": Nobody.pod,
    "measure": Nobody.measure, "blob": Nobody.blob, "code": Nobody.code, "flight": Nobody.flight,
}  # fmt: skip

KEYS: Final = {
    "uuid": "requestId", "digest": "checksum", "order": "orderNumber", "version": "version",
    "price": "price", "instant": "loggedAt", "epoch": "ts", "sku": "sku", "isbn": "isbn",
    "barcode": "ean", "tracking": "trackingNumber", "color": "color", "dotted": "logger",
    "path": "file", "pod": "pod", "measure": "weight", "blob": "payload", "code": "status",
    "flight": "flightNumber",
}  # fmt: skip


def values(each: int) -> Iterator[tuple[str, str]]:
    """(kind, value): `each` of every kind, and as many lines for every kind."""
    nobody = Nobody()
    for kind, make in KINDS.items():
        for _ in range(each):
            yield kind, make(nobody)
    for _ in range(each * 10):
        yield "line", nobody.line()
