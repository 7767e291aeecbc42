"""Which words refuse: phrases that say "I don't know", and the words that surround them without claiming anything.

The lists are frozen: they were fixed before any system was measured, and a change to them changes published numbers.
They are broad because a short list punishes every model that was not trained on one sentence.
"""

import re
from functools import lru_cache

from kgpeft.evaluation.wording import FUNCTION, Tokens

NEGATIONS = frozenset("no not none never nothing neither nor without except unlike whether if cannot nobody".split())
GUESSES = frozenset("maybe perhaps possibly probably likely might could may guess think believe but".split())
HEDGES = frozenset("""
    sorry apologize apologise apologies unfortunately however please thank thanks help helpful assist assistance
    information info data knowledge base database ontology context source sources text passage document record
    records entry entries detail details memory training provided provide provides available current currently
    specific specifically relevant further additional enough sufficient insufficient necessary required need clarify
    clarification rephrase consult expert experts professional check verify confirm look find found search try
    suggest recommend reliable accurate accurately definitive definitively confident confidently certain certainty
    able unable access real time date language model ai assistant artificial intelligence topic subject matter
    entity entities term terms name names word concept item mention mentions mentioned state states stated specify
    specified contain contains list lists listed say says tell see know answering asking asked ask scope exist
    exists refer reference references research literature website internet resource resources feel free let
    questions understand glad happy looking referring correctly determine share like want yet ever explicitly
    directly particular unknown unclear unspecified recorded recognize recognise familiar aware heard regarding
    concerning related appear appears part idea not no none nothing never cannot without if whether graph facts fact
    statement statements prompt notes evidence description indicate indicated describe described disclose disclosed
    explain make clear identify identified answer answered address reveal report reported cover covered have include
    included give given show hold support offer recall remember possess comment sure think believe tried equipped
    trained unsure uncertain unaware unfamiliar way decline abstain pass refuse rather must seen come across learned
    lack lacks lacking missing possible impossible hard difficult known determined confirmed verified told said
    infer inferred established outside beyond within absent expertise documented contained defined applicable
    answerable recognized recognised remains still undetermined unanswerable unavailable n na idk dunno who knows
    such does do did occur clue right now moment afraid simply just really actually any previously stating
    recognizes questioned been being up
    confusion chatbot checking website websites else
""".split())

_PATTERNS = r"""
    (?:I) (?:W)?(?:do|did|would|could|can|will|may) not (?:W){0,3}?ABLE
    (?:I) (?:am|are|was|were) (?:W)?not (?:W){0,2}?(?:sure|certain|aware|able|familiar|confident|equipped|trained)
    (?:I) (?:am|are) (?:W)?(?:unable|unsure|uncertain|unaware|unfamiliar|not)
    (?:I) (?:have|had|possess|see|find) no (?:W){0,2}?(?:LACKED|way|access|memory)
    (?:I) (?:must|have to|would|will) (?:W)?(?:decline|abstain|pass|refuse|rather not)
    i (?:decline|abstain|refuse|pass|lack)
    (?:I) (?:have )?never heard
    (?:I) have not (?:heard|seen|been|come across|learned)
    SOURCE (?:W){0,3}?(?:do|does|did) not (?:W){0,2}?(?:SPEAK|have|contain|include|provide|give|show|hold|support|offer)
    SOURCE (?:W){0,3}?(?:has|have|had|contains?|provides?|gives?) no
    (?:it|this|that|they) (?:do|does|did) not SPEAK
    (?:do|does|did) not (?:exist|appear|occur) (?:W){0,3}?SOURCE
    (?:no|not any|without|lacks?|lacking|insufficient|not enough|missing) (?:W){0,2}?LACKED
    not (?:W)?(?:been )?(?:W)?FOUND
    (?:no|nothing) (?:W){0,4}?(?:is |are |was )?(?:LISTED)
    none of (?:W){0,3}?SOURCE
    (?:can not|could not|impossible to|unable to|no way to|hard to|difficult to) (?:W){0,2}?(?:be )?RESOLVE
    (?:outside|beyond|not within|not part of|not in|absent from|missing from) (?:W){0,4}?(?:SOURCE|scope|expertise)
    (?:it|answer|this|that) (?:is|remains) (?:currently |still )?(?:unknown|unclear|uncertain|unspecified|undetermined)
    ^(?:the answer is )?(?:unknown|unclear|unspecified|unanswerable|undetermined|uncertain|unavailable)
    ^(?:n a|na|idk|dunno|pass|no answer|no idea|no comment|not sure|not applicable|not certain)
    (?:do|did) not know
    no idea
    not sure
    not certain
    who knows
    sorry
    apologi[sz]e
    apologies
    need (?:W)?more LACKED
    (?:please|could you|can you) (?:please )?(?:provide|clarify|specify|rephrase)
    there is no (?:W){0,6}?(?:in|within) (?:W){0,3}?SOURCE
    no such
"""
_WORDS = {
    "SOURCE": "graphs? base ontology database data dataset facts? context text passage information sources? documents? "
              "records? statements? prompt question knowledge memory notes? evidence description list",
    "SPEAK": "say state specify mention tell indicate describe disclose explain clarify define identify name list "
             "record answer address reveal report cover",
    "ABLE": "know have recall remember find see tell say answer determine confirm verify provide identify recogni[sz]e "
            "help assist give offer access name state specify understand possess comment think",
    "FOUND": "specified stated mentioned given provided listed known recorded available included indicated described "
             "found defined covered disclosed clear documented reported contained certain sure said identified "
             "determined recogni[sz]ed applicable answerable",
    "LISTED": "specified stated mentioned given provided listed known recorded available said documented",
    "RESOLVE": "determined? answer(?:ed)? confirm(?:ed)? verif(?:y|ied) find found tell told say said know known "
               "infer(?:red)? identif(?:y|ied) provided? stated? given established help assist",
    "LACKED": "information info data answer records? details? mention facts? knowledge idea clue entry entries context "
              "evidence",
}


def _refusals() -> tuple[re.Pattern[str], ...]:
    """The patterns, with W for any word, I for who speaks, and each group of words spelled out."""
    patterns = _PATTERNS.replace("(?:I)", "(?:i|we)").replace("(?:W)", r"(?:\w+ )")
    for name, words in _WORDS.items():
        patterns = patterns.replace(name, f"(?:{'|'.join(words.split())})")
    return tuple(re.compile(rf"\b{line.strip()}\b".replace(r"\b^", "^")) for line in patterns.strip().splitlines())


REFUSALS = _refusals()


@lru_cache(maxsize=1 << 12)
def refused(said: Tokens) -> frozenset[int]:
    """Positions of the words of refusal phrases; empty if there is none. A name inside such a phrase is not covered."""
    text, covered = " ".join(said), set[int]()
    for pattern in REFUSALS:
        for match in pattern.finditer(text):
            start = text.count(" ", 0, match.start())
            covered.update(range(start, start + 1 + match.group().count(" ")))
    return frozenset(i for i in covered if said[i] in FUNCTION or said[i] in HEDGES or said[i] in NEGATIONS)
