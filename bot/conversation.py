"""Propose what a reply means; a person decides, and only a plain receipt is taken as it stands."""

import re
import unicodedata
from dataclasses import dataclass

from casework.messages import Meaning

_LONGEST = 2000  # characters; a longer text is a story that a person must read
_LIFE = "有求救或轻生的话，请马上联系本人"


@dataclass(frozen=True)
class Proposal:
    """What a reply seems to mean, and why.

    ``unambiguous`` is true only for a bare acknowledgement of receipt; it may end a ladder when
    it answers the very notice. Everything else waits for HR's confirmation.
    """

    meaning: Meaning
    unambiguous: bool
    why: str


def propose(text: str) -> Proposal:
    """Propose a meaning for a reply, never deciding for the person who wrote it.

    Only AUTOMATIC replies do not pause a ladder, so a text counts as automatic only when it
    says so itself. Refusal is looked for before consent, and whoever speaks of not wanting to
    live comes first.
    """
    if len(text) > _LONGEST:
        return _unclear("内容太长，请人事看原文")
    said = _normal(text)
    if not any(character.isalnum() for character in said):
        return _unclear("没有文字，只有空白、标点或表情")
    if _AUTOMATIC.search(said):
        return Proposal(Meaning.AUTOMATIC, False, "开头写明是自动回复")
    if said in _ACKNOWLEDGEMENTS:
        return Proposal(Meaning.RECEIVED, True, "整条消息只说收到，没有别的内容")
    if said in _COURTESIES:
        return Proposal(Meaning.RECEIVED, False, "只是客气的应答，不能当作明确的确认")
    return _by_rules(said)


def _by_rules(said: str) -> Proposal:
    meaning, why = next(((m, why) for m, why, pattern in _RULES if pattern.search(said)), (None, ""))
    puzzle = next((what for what, pattern in _PUZZLES if pattern.search(said)), None)
    if puzzle and why != _LIFE:
        return _unclear(f"{puzzle}，请人事看原文")
    if meaning is None:
        return _unclear("没有能对上的说法，请人事看原文")
    if meaning in _WEAK and _QUESTION.search(said):
        return _unclear("像是在问，请人事看原文")
    return Proposal(meaning, False, why)


def _unclear(why: str) -> Proposal:
    return Proposal(Meaning.UNCLEAR, False, why)


def _normal(text: str) -> str:
    """Fold widths, case, traditional characters and invisible signs; drop closing full stops."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_TRADITIONAL)
    visible = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return re.sub(r"\s+", " ", visible).strip(" 。.!,、~;")


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


def _list(*lines: str) -> frozenset[str]:
    return frozenset(phrase for line in lines for phrase in line.split("、"))


_TRADITIONAL = str.maketrans(
    "沒閱絕願醫還話應動復認對請給療養電過讓見為說後們腫時間",
    "没阅绝愿医还话应动复认对请给疗养电过让见为说后们肿时间",
)

# The whole message, after normalisation. Anything more, even a word, needs a person.
_ACKNOWLEDGEMENTS = _list(
    "收到、收到了、已收到、已收到了、已经收到、已经收到了、确认收到、确认已收到、已确认收到",
    "我收到了、我已收到、我已经收到、我已经收到了、我确认收到、收到通知、收到通知了、已收到通知",
    "我收到通知了、我已收到通知、通知收到、通知收到了、通知已收到、通知已经收到、已阅、已阅读",
    "我已阅读、已阅读并确认收到、我已阅读并确认收到、received、confirm received",
)
_COURTESIES = _list(
    "好、好的、好吧、好滴、好嘞、嗯、嗯嗯、嗯好、嗯好的、哦、哦哦、噢、行、行吧、可以、可以的",
    "ok、okay、okey、k、1、yes",
)
_AUTOMATIC = _words(
    r"^[\W_]*(系统)?自动(回复|应答|答复)\s*([:\]】)}>]|$)",
    r"^\W*auto(matic)?[\s-]?(reply|response)\b",
    r"^\W*(i am (currently )?)?out of (the )?office\b",
    r"^您好,我现在有事不在,一会再和您联系$",  # the ready-made answer of QQ
)
_QUESTION = _words(r"([?]|吗|么|呢|没有)$")
_WEAK = (Meaning.RECEIVED, Meaning.AGREED, Meaning.RETURNED)

# Where one of these is found, no rule below is trusted.
_PUZZLES = (
    (
        "双重否定",
        _words(
            r"不是(我)?(不|没|说|要|拒)|并非(不|没)|没说(过)?(不|要|同意|拒绝)",
            r"(不|没|没有)(反对|拒绝)|(没有|没|不会|并不|不得)不(同意|接受|愿意)",
        ),
    ),
    ("像是勉强或者反话", _words(r"不得不|被迫|勉强", r"个屁|才怪|鬼才|傻子才")),
    (
        "带有条件",
        _words(r"(如果|假如|要是|除非|只要).*(同意|上班|回去|回来|接受|可以|去)", r"(同意|上班|回去)的话"),
    ),
    ("像是在问", _words(r"同不同意|同意不同意|是否同意|要不要|是不是")),
    (
        "说没有收到或看不到",
        _words(
            r"(没|没有|未|不曾)(收|看|接)(到|见|过)|收不到|看不到|打不开",
            r"(not|never|n't) (receiv|get|got|seen?\b)",
        ),
    ),
    ("不要打电话", _words(r"(别|不要|不用|不必|无需)(再)?(给我)?(打|回|来)?电话", r"don't call")),
    ("说不用再休息", _words(r"(不用|不必|不需要|无需|没)(再)?(休|养|请假|延)")),
    (
        "医生说可以上班，但没说人已回来",
        _words(r"医生.{0,8}(?<!不)(可以|能|同意|允许).{0,6}(上班|上岗|工作|返岗|干活)(?!.*(不|没))"),
    ),
    (
        "说到上班，但不像已经回来",
        _words(
            r"(没|没有|不想|什么时候|何时|几时|怎么)(去|来|回|再|就|能)?.{0,2}(上班|返岗|到岗|复工|报到)了?[?]?$"
        ),
    ),
)

# The first that is found counts.
_RULES = (
    (
        Meaning.HELP,
        _LIFE,
        _words(r"救命|不想活|活不下去|活着没意思|自杀|轻生|寻死|跳楼", r"\bsos\b|kill myself"),
    ),
    (
        Meaning.EXTENSION,
        "说到医生的要求",
        _words(
            r"医生.{0,10}不(让|同意|准|许|建议|允许|能)",
            r"医生.{0,10}(没让|叫我|要我|让我|要求|建议|说.{0,6}[休养不还再])",
        ),
    ),
    (
        Meaning.DECLINED,
        "有不同意或拒绝的话",
        _words(
            r"不(太|怎么|完全|能|会|敢|想|愿)?(同意|接受|认可|答应|愿意|承认)|不服|不签|不愿",
            r"(没|没有|未)(同意|答应)|拒绝|拒签|反对|(?<!没)有(异议|意见)|(?<!行)不行",
            r"不干了|不回去|不会(回|去|来)|不想(回|去|来|上班|干)|不去了?($|\W)|休想|凭什么|^不要?$",
            r"\b(disagree|refuse|decline|reject)|(not|n't|never) (agree|accept|ok)|^no\b",
        ),
    ),
    (
        Meaning.EXTENSION,
        "要求再休息、延期，或说来不了",
        _words(
            r"延期|延长|延后|推迟|宽限|请假|续假|病假|复查",
            r"(还|都)(没|没有|未)(好|痊愈|恢复|康复|养好|拆|消肿)|(没|没有)(好|养好|恢复)(?!好)",
            r"还(在)?(疼|痛|肿|住院|治疗|养伤|休养)|(再|多|继续|还要|还得|需要|想)(休|养|歇)",
            r"(去|来|到|回)不了|上不了班|不能(上班|回|去|来|走|干活)",
            r"晚(几天|两天|些天|一周|一点|点|些)(再)?(回|去|来|上班|到岗)(?![复电话信])",
            r"\b(extension|extend|postpone|more time|sick leave|still (hurts?|sick|in hospital))\b",
            r"not (yet )?(recovered|back)|can(no|')t come",
        ),
    ),
    (
        Meaning.HELP,
        "要求帮助或回电话",
        _words(
            r"求助|帮帮|帮我|帮忙|没钱|怎么办|(?<!别)(?<!不要)联系我",
            r"(打|回|来|通)(个|一个)?电话|电话(联系|沟通|说)|给我(个)?电话|^电话$",
            r"\bhelp\b|call me",
        ),
    ),
    (
        Meaning.RETURNED,
        "说人已经回来上班",
        _words(
            r"(已|已经|都|早就|今天|昨天|前天|上周|周[一二三四五六日])(就|已|已经)?(回来|回厂|回公司|回单位|来)?"
            r"(上班|返岗|到岗|复工|报到|上岗)",
            r"(回来|回厂|回公司)上班了|^我?(上班|返岗|到岗|复工|报到|上岗)了|(已经|正)在上班",
            r"back (at|to) work",
        ),
    ),
    (
        Meaning.AGREED,
        "有同意的话",
        _words(
            r"同意|接受|没(有|什么)?(意见|问题|异议)|愿意|答应|(准时|按时|一定|会)(到|来|去|回)",
            r"明天(就)?(回来|来|回|去|到)(上班|报到|厂|公司|单位)",
            r"\b(agree|accept)\b|no problem",
        ),
    ),
    (
        Meaning.RECEIVED,
        "说收到或知道了",
        _words(
            r"收到|已阅|(?<!不)(知道了|晓得了|明白|了解|清楚了)|看到了|看过了|看了",
            r"^(好的?|嗯+|行|可以|ok)\W*(谢谢|多谢|辛苦|thank)",
            r"\b(ok|okay|received|got it|roger|noted|understood)\b",
        ),
    ),
)
