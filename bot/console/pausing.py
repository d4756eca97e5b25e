"""停发: the big button that lets no message leave, and the way back; both ask for a reason first."""

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console.guard import me
from bot.console.shell import Shell
from bot.console.work import reason
from handlers.desk import Desk
from handlers.pause import pause_sending, resume_sending
from handlers.people import Unacceptable
from storage.pauses import EVERYTHING, standing_pauses


class Pausing:
    """One page: what stands, a form to stop, and a form to go on."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        self._desk, self._shell = desk, shell

    def pausing(self) -> Response:
        """Show what would stop and what would go on, before anything does."""
        return self._drawn()

    def stop_sending(self) -> AnyResponse:
        """Stop messages, all or on one channel."""
        scope = request.form.get("scope", EVERYTHING)
        try:
            with self._desk.archive.writing() as book:
                pause_sending(book, scope, reason(), me().actor, self._channels())
        except Unacceptable as fault:
            return self._drawn(fault)
        flash(_("已停止发送，记入证据链。时限照常计算，电话、寄信等人工任务照常进行。"))
        return redirect("/pause", 303)

    def resume_sending(self) -> AnyResponse:
        """Let messages go again."""
        try:
            with self._desk.archive.writing() as book:
                resume_sending(book, request.form.get("scope", EVERYTHING), reason(), me().actor)
        except Unacceptable as fault:
            return self._drawn(fault)
        flash(_("已恢复发送，记入证据链。压下的消息按到期先后、在允许的时间里陆续发出。"))
        return redirect("/pause", 303)

    def _drawn(self, fault: Unacceptable | None = None) -> Response:
        with self._desk.archive.reading() as view:
            standing = standing_pauses(view.connection)
        stopped = {one.scope for one in standing}
        free = [scope for scope in (EVERYTHING, *self._channels()) if scope not in stopped]
        return self._shell.draw(
            "pause.html", 422 if fault else 200, standing=standing, free=free, fault=fault
        )

    def _channels(self) -> list[str]:
        return sorted({name for name, _account in self._desk.channels})
