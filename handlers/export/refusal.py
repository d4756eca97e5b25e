"""Why a bundle could not be made, in a sentence with the remedy; our own faults are not called tampering."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from evidence.errors import EvidenceError
from handlers.export.disclose import ErasedSince
from handlers.papers.glyphs import MissingGlyphs, UnreadableFont
from handlers.papers.press import NotDrawn
from handlers.people import Unacceptable
from handlers.vouching import SignerFault
from storage import source
from storage.columns import Misplaced
from storage.engine import is_busy
from storage.keys import KeyFault
from storage.log import LogAbsent, LogHalted

# What only a database raises that somebody has written into, or that is not whole.
_CHANGED = (EvidenceError, KeyFault, Misplaced, LogAbsent)
_log = logging.getLogger(__name__)


class Unexportable(Unacceptable):
    """The case's records cannot be read or added to, so that there is nothing to hand out."""

    def __init__(self, why: str) -> None:
        super().__init__("case_no", f"这个案件无法导出（{why}）：请运行 huizheng audit，查明数据库是否被改动")


@contextmanager
def refusal() -> Iterator[None]:
    """Turn what goes wrong while a bundle is made into Unacceptable or Unexportable."""
    try:
        yield
    except ErasedSince as error:
        raise Unacceptable(
            "at", f"这个检查点之后删除过内容（记录 {error}），不能再按它导出：请选删除之后的检查点"
        ) from error
    except SignerFault as error:
        raise Unacceptable("signer", f"签名进程没有签名（{error}）：请先恢复签名进程") from error
    except (MissingGlyphs, UnreadableFont, NotDrawn) as error:
        raise Unacceptable("fonts", str(error)) from error
    except LogHalted as error:
        raise Unacceptable("case_no", f"证据日志已停写，不能导出（{error}）") from error
    except _CHANGED as error:
        raise Unexportable(str(error)) from error
    except source.UNREADABLE as error:
        if is_busy(error):
            raise Unacceptable("case_no", "数据库正忙，没有导出：请稍后再试") from error
        _tell_log(error)
        raise Unacceptable("case_no", _FAILED.format(error=type(error).__name__)) from error


_FAILED = "导出没有完成（{error}），原因已写入系统日志：请先运行 huizheng audit；数据库完好的，请报告程序错误"


def _tell_log(error: Exception) -> None:
    """Log where it happened and not what the error says, which may quote somebody's data."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("an export failed: %s\n%s", type(error).__name__, where)
