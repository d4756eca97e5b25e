"""Whether an employee's own words say that the notice did not reach them, or reached somebody else."""

import re

_DENIALS = re.compile(
    r"(?:[没沒]有?|未曾?|从未|还没|并没|不曾)(?:能|有|能够)?(?:收|接|看|见)(?:到|过|着)"
    r"|[没沒](?:收|接)(?!入)(?:$|[，。！？\s啊呀呢吧])|收不到|打不开|看不了"
    r"|(?:发|打|找|认|送|弄|搞)错|不是(?:我|本人|他|她)(?:本人)?(?:$|[，。！？\s啊呀呢吧])|不认识"
    r"|(?:did|have|has)\s*(?:not|n['’]t)\s+(?:receive|get|got|see)|wrong\s+(?:number|person)",
    re.IGNORECASE,
)


def denies(words: str) -> bool:
    """Whether somebody seems to say that nothing was received, or that we wrote to the wrong person.

    It errs towards yes: a reply that is kept back as doubtful costs one call, one that is
    taken for a confirmation against its own words costs the case.
    """
    return _DENIALS.search(words) is not None
