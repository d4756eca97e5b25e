"""/n/<token>: the gate first, then the notice, then the receipt; no JavaScript anywhere."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bot.pages.shell import draw, guard, limit, say, too_large
from bot.pages.showing import shown
from bot.pages.uploads import attachments
from bot.pages.visits import Visit, Visits
from handlers.desk import Desk
from handlers.page import TRIES, Choice, Closed, Page, Proof, answer, check_tail, display, open_page
from handlers.paper import notice_paper
from handlers.papers.glyphs import MissingGlyphs
from handlers.people import Unacceptable
from handlers.ports import Recognises, SendFailed
from storage.log import LogHalted

LONGEST = 4000  # characters of one answer
PAUSED = "系统正在核对数据，暂时不能打开通知，也不能记录您的答复。请过几个小时再试，或者直接联系人事。"
STALE = "页面放得太久了，或者浏览器没有保存 Cookie。请从原消息重新打开再试一次。"


def pages(desk: Desk) -> Blueprint:
    """Return the routes of the employee's page."""
    blueprint = Blueprint(
        "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/n/static"
    )
    views = _Pages(desk)
    for rule, method, view in (
        ("/n/<token>", "GET", views.notice),
        ("/n/<token>/who", "POST", views.check_who),
        ("/n/<token>/back", "GET", views.back),
        ("/n/<token>/not-me", "GET", views.not_me),
        ("/n/<token>/answer", "POST", views.answer),
        ("/n/<token>/done", "GET", views.done),
        ("/n/<token>/notice.pdf", "GET", views.paper),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=[method])
    blueprint.context_processor(lambda: {"sandbox": desk.sandbox})
    blueprint.before_request(limit)
    blueprint.after_request(guard)
    blueprint.register_error_handler(Closed, lambda closed: say(str(closed), 404))
    blueprint.register_error_handler(413, too_large)
    blueprint.register_error_handler(LogHalted, lambda _: say(PAUSED, 503))
    blueprint.register_error_handler(404, lambda _: say("这个地址不存在。请从原消息重新打开。", 404))
    blueprint.register_error_handler(500, lambda _: say("系统出了点问题，请过一会儿再打开。", 500))
    return blueprint


class _Pages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        secure = desk.public_url.startswith("https://")
        self._visits = Visits(desk.archive.keys.web_secret(), secure=secure)

    def notice(self, token: str) -> AnyResponse:
        """Show the notice to its reader; anybody else meets the gate."""
        page = self._open(token)
        visit = self._visits.read(request, page.delivery.id)
        if visit is None or visit.proof is None:
            return self._gate(page, token, visit or self._new_visit(page))
        return self._notice(page, token, visit)

    def check_who(self, token: str) -> AnyResponse:
        """Compare the last four characters of the ID number."""
        page = self._open(token)
        visit = self._visits.read(request, page.delivery.id)
        if visit is None or not self._visits.form_fits(visit, request.form.get("form", "")):
            return self._gate_form(page, token, self._new_visit(page), STALE, 403)
        with self._desk.archive.writing() as book:
            open_page(book, token)
            matches = check_tail(book, token, request.form.get("tail", "")[:12])
        if matches:
            return self._let_in(page, token, Proof.ID_TAIL)
        left = TRIES - self._open(token).token.failures
        return self._gate_form(page, token, visit, f"不对，请再核对一下。还可以试 {left} 次。", 422)

    def back(self, token: str) -> AnyResponse:
        """Take the reader back from WeChat's sign-in; whatever goes wrong there leads to the ID question."""
        page = self._open(token)
        visit = self._visits.read(request, page.delivery.id)
        known = visit is not None and self._visits.state_fits(visit, request.args.get("state", ""))
        if known and self._is_addressee(page, request.args.get("code", "")):
            return self._let_in(page, token, Proof.ACCOUNT)
        return redirect(f"/n/{token}?ask=account", 303)

    def not_me(self, token: str) -> AnyResponse:
        """Forget the reader and ask again, without asking WeChat, which would give the same answer."""
        return self._visits.drop(_redirect(f"/n/{token}?ask=id"), token)

    def answer(self, token: str) -> AnyResponse:
        """Record a pressed button with what was written and sent along."""
        page = self._open(token)
        visit = self._visits.read(request, page.delivery.id)
        if visit is None or visit.proof is None:
            return redirect(f"/n/{token}", 303)
        if not self._visits.form_fits(visit, request.form.get("form", "")):
            return say(STALE, 403)
        try:
            self._record(token, visit, visit.proof)
        except Unacceptable as fault:
            return self._notice(page, token, visit, str(fault), 422)
        return redirect(f"/n/{token}/done{_big_query()}", 303)

    def done(self, token: str) -> AnyResponse:
        """Show the receipt of what was recorded."""
        page = self._open(token)
        visit = self._visits.read(request, page.delivery.id)
        with self._desk.archive.reading() as view:
            seen = shown(view, page)
        if visit is None or visit.proof is None or not seen.answers:
            return redirect(f"/n/{token}", 303)
        form = self._visits.form_token(visit)
        return draw("done.html", seen=seen, token=token, form=form, latest=seen.answers[0])

    def paper(self, token: str) -> AnyResponse:
        """Hand out the notice's PDF to its reader."""
        page = self._open(token)
        visit = self._visits.read(request, page.delivery.id)
        if visit is None or visit.proof is None:
            return redirect(f"/n/{token}", 303)
        try:
            with self._desk.archive.writing() as book:
                data = notice_paper(book, page.notice.id, self._desk.public_url)
        except MissingGlyphs:
            return say("PDF 里有一个字还印不出来，请联系人事领取纸质通知。", 503)
        response = Response(data, mimetype="application/pdf")
        response.headers.set("Content-Disposition", "inline", filename=f"{page.notice.id}.pdf")
        return response

    def _record(self, token: str, visit: Visit, proof: Proof) -> None:
        text = request.form.get("text", "").replace("\r\n", "\n").strip()
        if len(text) > LONGEST:
            raise Unacceptable("text", f"写得太长了，一次最多 {LONGEST} 个字，可以分几次发。")
        sent = attachments(request.files.getlist("photos"))
        try:
            choice = Choice(request.form.get("choice", ""))
        except ValueError:
            raise Unacceptable("choice", "请点下面的一个按钮。") from None
        with self._desk.archive.writing() as book:
            answer(book, token, choice, text, sent, proof, visit.id, self._desk.rules)

    def _open(self, token: str) -> Page:
        with self._desk.archive.reading() as view:
            return open_page(view, token)

    def _new_visit(self, page: Page) -> Visit:
        return Visit(self._desk.archive.ids.token(16), page.delivery.id)

    def _let_in(self, page: Page, token: str, proof: Proof) -> Response:
        """A reader who is known gets a fresh visit, so that a cookie planted before is worth nothing."""
        visit = replace(self._new_visit(page), proof=proof)
        return self._visits.keep(_redirect(f"/n/{token}{_big_query()}"), token, visit)

    def _gate(self, page: Page, token: str, visit: Visit) -> Response:
        asker = self._asker(page)
        if asker is not None and "ask" not in request.args:
            back = f"{self._desk.public_url}/n/{token}/back"
            there = _redirect(asker.ask_who(back, self._visits.state(visit)))
            return self._visits.keep(there, token, visit)
        kind = request.args.get("ask")
        said = "没能通过微信认出您，没关系，请回答下面的问题。" if kind == "account" else ""
        return self._gate_form(page, token, visit, said)

    def _gate_form(self, page: Page, token: str, visit: Visit, said: str = "", status: int = 200) -> Response:
        drawn = draw(
            "gate.html", status, firm=page.firm, token=token, said=said,
            askable=len(page.person.id_number or "") >= 4, form=self._visits.form_token(visit),
        )  # fmt: skip
        return self._visits.keep(drawn, token, visit)

    def _notice(self, page: Page, token: str, visit: Visit, said: str = "", status: int = 200) -> Response:
        assert visit.proof is not None  # both callers have looked
        if request.method == "GET":  # not HEAD, which shows nothing to anybody
            with self._desk.archive.writing() as book:
                display(book, token, visit.id, visit.proof, self._desk.rules)
        with self._desk.archive.reading() as view:
            seen = shown(view, page)
        given: Mapping[str, str] = request.form if status != 200 else {}
        form = self._visits.form_token(visit)
        return draw("notice.html", status, seen=seen, token=token, form=form, said=said, given=given)

    def _asker(self, page: Page) -> Recognises | None:
        """Return the channel whose browser can tell who is reading, when this is that browser."""
        channel = self._desk.channels.get((page.point.channel, page.point.account))
        if channel is None or not channel.capabilities.identifies_reader:
            return None
        return cast(Recognises, channel) if "MicroMessenger" in request.user_agent.string else None

    def _is_addressee(self, page: Page, code: str) -> bool:
        channel = self._desk.channels.get((page.point.channel, page.point.account))
        if channel is None or not channel.capabilities.identifies_reader or not code:
            return False
        try:
            account = cast(Recognises, channel).who(code)
        except SendFailed:
            return False
        return hmac.compare_digest(account.encode(), page.point.address.encode())


def _redirect(to: str) -> Response:
    return cast(Response, redirect(to, 303))


def _big_query() -> str:
    return "?big=1" if request.args.get("big") == "1" else ""
