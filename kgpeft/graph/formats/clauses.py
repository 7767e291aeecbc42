"""The lines of OBO and the values of its clauses: quoted texts, cross-references, trailing modifiers and comments.

Grammar: http://owlcollab.github.io/oboformat/doc/obo-syntax.html, section 3; read tolerantly.
"""

import re
from collections.abc import Iterable, Iterator

Modifiers = dict[str, str]  # {key="value", …} at the end of a clause

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)', re.S)
_MODIFIERS = re.compile(r"(?<!\\)\{(?:[^{}\"\\]|\\.|\"(?:[^\"\\]|\\.)*\")*\}\s*$")
_STRICT = re.compile(r'\s\{\s*[\w.:-]+\s*=\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*[\w.:-]+\s*=\s*"(?:[^"\\]|\\.)*")*\s*\}\s*$')
_MODIFIER = re.compile(r'([\w.:-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,}\s]*))')
_COMMENT = re.compile(r'((?:[^"\\!]|\\.|"(?:[^"\\]|\\.)*"|(?<!\s)!|"(?=[^"]*$))*?)\s!(?:\s.*|$)')
_XREFS = re.compile(r'\[((?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*)\]')
_XREF = re.compile(r'(?:[^,"\\]|\\.|"(?:[^"\\]|\\.)*"|"(?=[^"]*$))+')
_LONG = 1 << 14  # characters after which a value is no longer looked at with care
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "W": " ", "t": "\t"}


def joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines with backslash continuations joined; the joined ones leave empty lines, so numbers stay right."""
    held, empty = "", 0
    for line in lines:
        text = line.rstrip("\r\n")
        if text.endswith("\\") and not text.endswith("\\\\"):
            held, empty = held + text[:-1], empty + 1
            continue
        yield held + text
        yield from [""] * empty
        held, empty = "", 0
    if held:
        yield held


def plain(value: str) -> tuple[str, Modifiers]:
    """A value without its trailing comment and modifiers, and the modifiers."""
    if len(value) > _LONG:
        return value.partition(" ! ")[0].strip(), {}
    if "!" in value and (match := _COMMENT.match(value)):
        value = match[1]
    match = _MODIFIERS.search(value) if "}" in value else None
    return (value[: match.start()].strip(), _modifiers(match[0])) if match else (value.strip(), {})


def free(value: str) -> tuple[str, Modifiers]:
    """A value in which "!" and "{" are plain text, and modifiers that cannot be taken for text."""
    match = _STRICT.search(value) if value.endswith("}") and len(value) <= _LONG else None
    return (value[: match.start()].strip(), _modifiers(match[0])) if match else (value, {})


def quoted(value: str) -> tuple[str, str] | None:
    """The text in quotes at the beginning and what follows it, or None."""
    match = _QUOTED.match(value)
    return (unescape(match[1]), match[2]) if match else None


def xrefs(rest: str) -> tuple[list[str], list[str], Modifiers]:
    """What follows a text: the words before its list of cross-references, their ids, and modifiers."""
    match = _XREFS.search(rest) if len(rest) <= _LONG else None
    if not match:
        words, modifiers = plain(rest)
        return words.split(), [], modifiers
    ids = [unescape(part.partition(' "')[0].strip()) for part in _XREF.findall(match[1])]
    return rest[: match.start()].split(), [name for name in ids if name], plain(rest[match.end() :])[1]


def unescape(text: str) -> str:
    """The text that escapes such as ``\\n`` stand for."""
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text) if "\\" in text else text


def _modifiers(text: str) -> Modifiers:
    return {key: unescape(value or bare) for key, value, bare in _MODIFIER.findall(text)}
