"""`privacy-service breach notice`: drafts, approvals, sending, and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import breach_notices_pb2 as pb
from privacy_service.v1 import breach_notices_pb2_grpc as pb_grpc

notice = typer.Typer(
    no_args_is_help=True, help="Notices about breaches: drafted, approved, sent once, confirmed."
)

_SECONDS: Final = 60.0
_PHASES: Final = {
    "initial": pb.BREACH_NOTICE_PHASE_INITIAL,
    "follow_up": pb.BREACH_NOTICE_PHASE_FOLLOW_UP,
    "final": pb.BREACH_NOTICE_PHASE_FINAL,
}
_DECISIONS: Final = {
    "reviewed": pb.BREACH_NOTICE_DECISION_REVIEWED,
    "approved": pb.BREACH_NOTICE_DECISION_APPROVED,
    "withdrawn": pb.BREACH_NOTICE_DECISION_WITHDRAWN,
    "received": pb.BREACH_NOTICE_DECISION_RECEIVED,
    "bounced": pb.BREACH_NOTICE_DECISION_BOUNCED,
    "not_sent": pb.BREACH_NOTICE_DECISION_NOT_SENT,
}
_FORMS: Final = {"html": pb.BREACH_NOTICE_FORM_HTML, "pdf": pb.BREACH_NOTICE_FORM_PDF}
NoticeId = Annotated[str, typer.Argument(metavar="NOTICE", help="The notice's id.")]
Digest = Annotated[str, typer.Option("--digest", help="Of what you saw; `show` prints it.")]


@notice.command()
@calling
def draft(
    breach_id: Annotated[str, typer.Argument(metavar="BREACH", help="The breach's id.")],
    rule: Annotated[str, typer.Option(help="The rule that asks for it.")],
    content: Annotated[
        list[str] | None,
        typer.Option(help="A content in your words: consequences=…; repeatable. @FILE reads one."),
    ] = None,
    language: Annotated[
        str, typer.Option(help="en, de, es, fr, it, nl, pl, pt, or of your templates.")
    ] = "en",
    phase: Annotated[str, typer.Option(help="initial, follow_up or final.")] = "initial",
    place: Annotated[str, typer.Option(help="At which authority, where there are several.")] = "",
    to: Annotated[str, typer.Option(help="E-mail address; none: it is printed.")] = "",
    partner: Annotated[
        str, typer.Option(help="The partner that it is for, told as its address says.")
    ] = "",
    reasons_for_delay: Annotated[str, typer.Option(help="Why it is late.")] = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Drafts the notice that a rule asks for, and says what the law asks for that it lacks.

    Example: privacy-service breach notice draft breach-3f6d12ab9c0e4477 --rule eu-gdpr.33-1
    --content consequences="spam at most" --to breach@dpa.example --token officer.jwt
    """
    if phase not in _PHASES:
        raise typer.BadParameter(f"write one of {', '.join(_PHASES)}", param_hint="--phase")
    request = pb.DraftBreachNoticeRequest(
        breach_id=breach_id,
        rule_id=rule,
        contents=dict(_content(text) for text in content or ()),
        language=language,
        phase=_PHASES[phase],
        place=place,
        to=to,
        partner=partner,
        reasons_for_delay=reasons_for_delay,
        request_id=request_id or str(uuid.uuid4()),
    )
    answer = _ask(connection, lambda stub, **how: stub.DraftBreachNotice(request, **how))
    _show(answer.notice, as_json=as_json)


@notice.command("list")
@calling
def list_notices(
    breach_id: Annotated[str, typer.Argument(metavar="BREACH", help="The breach's id.")],
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the notices of a breach, and where each stands.

    Example: privacy-service breach notice list breach-3f6d12ab9c0e4477 --token officer.jwt
    """
    request = pb.ListBreachNoticesRequest(breach_id=breach_id)
    answer = _ask(connection, lambda stub, **how: stub.ListBreachNotices(request, **how))
    if as_json:
        print_json([plain(one) for one in answer.notices])
        return
    for one in answer.notices:
        console.print(f"{one.notice_id}  {_state(one)}  {one.rule_id} ({one.place})", markup=False)
        console.print(f"    {one.subject}", markup=False)


@notice.command()
@calling
def show(
    notice_id: NoticeId,
    html: Annotated[
        Path | None, typer.Option(help="Writes it as a page, to print or for a portal.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows a notice with its text and its digest, and what it lacks.

    Example: privacy-service breach notice show notice-3f6d12ab9c0e4477 --html notice.html
    --token officer.jwt
    """
    request = pb.GetBreachNoticeRequest(notice_id=notice_id)
    answer = _ask(connection, lambda stub, **how: stub.GetBreachNotice(request, **how))
    if html is not None:
        html.write_text(answer.notice.html, encoding="utf-8")
    _show(answer.notice, as_json=as_json)


@notice.command("print")
@calling
def print_notice(
    notice_id: NoticeId,
    out: Annotated[Path | None, typer.Option(help="The file. Default: NOTICE.FORMAT.")] = None,
    form: Annotated[str, typer.Option("--format", help="pdf or html.")] = "pdf",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Writes a notice as a file to hand in: digest and number on each page, a draft marked as such.

    Example: privacy-service breach notice print notice-3f6d12ab9c0e4477 --format pdf
    --out notice.pdf --token officer.jwt
    """
    if form not in _FORMS:
        raise typer.BadParameter(f"write one of {', '.join(_FORMS)}", param_hint="--format")
    request = pb.PrintBreachNoticeRequest(notice_id=notice_id, form=_FORMS[form])
    answer = _ask(connection, lambda stub, **how: stub.PrintBreachNotice(request, **how))
    file = out or Path(f"{notice_id}.{form}")
    file.write_bytes(answer.content)
    if as_json:
        print_json({"file": str(file), "digest": answer.digest})
    else:
        console.print(f"{file}: {answer.digest}", markup=False)


@notice.command()
@calling
def decide(
    notice_id: NoticeId,
    decision: Annotated[
        str,
        typer.Argument(help="reviewed, approved, withdrawn, received, bounced, not_sent."),
    ],
    digest: Digest,
    says: Annotated[str, typer.Option(help="A remark, or what the recipient said.")] = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that a notice was reviewed, approved, withdrawn, received, or that it bounced.

    Example: privacy-service breach notice decide notice-3f6d12ab9c0e4477 approved
    --digest sha256:… --token officer.jwt
    """
    if decision not in _DECISIONS:
        raise typer.BadParameter(f"write one of {', '.join(_DECISIONS)}", param_hint="DECISION")
    request = pb.DecideBreachNoticeRequest(
        notice_id=notice_id,
        digest=digest,
        decision=_DECISIONS[decision],
        says=says,
        request_id=request_id or str(uuid.uuid4()),
    )
    answer = _ask(connection, lambda stub, **how: stub.DecideBreachNotice(request, **how))
    _say(answer, as_json=as_json)


@notice.command()
@calling
def send(
    notice_id: NoticeId,
    digest: Digest,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Has an approved notice sent: once, and not lost whatever dies. Of a drill nothing leaves.

    Example: privacy-service breach notice send notice-3f6d12ab9c0e4477 --digest sha256:…
    --token officer.jwt
    """
    request = pb.SendBreachNoticeRequest(
        notice_id=notice_id, digest=digest, request_id=request_id or str(uuid.uuid4())
    )
    answer = _ask(connection, lambda stub, **how: stub.SendBreachNotice(request, **how))
    _say(answer, as_json=as_json)


@notice.command()
@calling
def received(
    partner: Annotated[str, typer.Argument(help="The partner: yourself.")],
    confirm: Annotated[
        str, typer.Option(help="Says that you have this notice; with its --digest.")
    ] = "",
    digest: Annotated[str, typer.Option(help="Of what you confirm.")] = "",
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """As a partner: what you are told of breaches, and saying that you have it.

    What is listed has been told by that.
    Example: privacy-service breach notice received swift-parcel --cert swift.pem
    --key swift-key.pem
    """
    if confirm:
        asked = pb.ConfirmBreachNoticeRequest(
            notice_id=confirm, digest=digest, request_id=request_id or str(uuid.uuid4())
        )
        answer = _ask(connection, lambda stub, **how: stub.ConfirmBreachNotice(asked, **how))
        found = [answer.notice]
    else:
        found = list(_received(connection, partner))
    if as_json:
        print_json([plain(one) for one in found])
        return
    for one in found:
        state = "received" if one.received else "told"
        console.print(f"{one.notice_id}  {state}  {one.digest}", markup=False)
        console.print(f"\n{one.subject}\n\n{one.text}", markup=False)


def _received(connection: Connection, partner: str) -> Iterator[pb.PartnerBreachNotice]:
    request = pb.ListPartnerBreachNoticesRequest(partner=partner, page_size=100)
    while True:
        page = _ask(connection, lambda stub, **how: stub.ListPartnerBreachNotices(request, **how))
        yield from page.notices
        request.page_token = page.next_page_token
        if not request.page_token:
            return


def _ask(connection: Connection, ask: Callable[..., Any]) -> Any:
    with connection.open() as channel:
        stub = pb_grpc.BreachNoticeServiceStub(channel)
        return ask(stub, timeout=_SECONDS, metadata=connection.metadata)


def _content(text: str) -> tuple[str, str]:
    name, equals, says = text.partition("=")
    if not equals:
        raise typer.BadParameter("write a content as name=text, or name=@FILE")
    if says.startswith("@"):
        says = Path(says[1:]).read_text(encoding="utf-8")
    return name, says


def _state(one: pb.BreachNotice) -> str:
    word = pb.BreachNoticeState.Name(one.state).removeprefix("BREACH_NOTICE_STATE_").lower()
    return f"DRILL {word}" if one.drill else word


def _show(one: pb.BreachNotice, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one))
        return
    console.print(f"{one.notice_id}  {_state(one)}  {one.rule_id} ({one.place})", markup=False)
    console.print(f"digest: {one.digest}", markup=False)
    console.print(
        f"to: {one.to or one.partner or 'printed and handed in, or a mailing to people'}",
        markup=False,
    )
    if one.attempts or one.said:
        console.print(f"attempts: {one.attempts}, last: {one.said or '–'}", markup=False)
    for name in one.missing:
        console.print(f"missing: {name}", markup=False)
    console.print(f"\n{one.subject}\n\n{one.text}", markup=False)


def _say(answer: Any, *, as_json: bool) -> None:
    one = answer.notice
    if as_json:
        print_json({"notice": plain(one), "audit": plain(answer.audit)})
        return
    console.print(f"{one.notice_id}  {_state(one)}", markup=False)
    console.print(
        f"proof: audit position {answer.audit.position} in {answer.audit.log_origin}", markup=False
    )
