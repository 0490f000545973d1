"""The commands that a text defines itself, with arguments or without: written out where a formula is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

MOST_EXPANSIONS = 400
LONGEST = 20_000
_OPERATOR = re.compile(r"\\DeclareMathOperator\s*\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?=\{)")
_COMMAND = re.compile(
    r"\\(?:newcommand|renewcommand|providecommand)\s*\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?:\[(\d)\])?\s*(?:\[[^\]]*\])?\s*(?=\{)"
    r"|\\def\s*(\\[A-Za-z]+)((?:#\d)*)\s*(?=\{)"
)
_PLACE = re.compile(r"#(\d)")
_NAME = re.compile(r"\\[A-Za-z]+")


@final
@dataclass(frozen=True, slots=True)
class Macro:
    """What a command stands for, with ``#1``, ``#2`` where its arguments are."""

    arguments: int
    body: str


def macros_in(text: str) -> dict[str, Macro]:
    """The commands that a text defines, by name."""
    found: dict[str, Macro] = {}
    for match in _COMMAND.finditer(text):
        end = _closing(text, match.end())
        if end is not None:
            count = int(match[2] or 0) if match[1] else len(match[4] or "") // 2
            found[match[1] or match[3]] = Macro(count, text[match.end() + 1 : end])
    for match in _OPERATOR.finditer(text):
        end = _closing(text, match.end())
        if end is not None:
            found[match[1]] = Macro(0, rf"\operatorname{{{text[match.end() + 1 : end]}}}")
    return found


def expanded(text: str, macros: Mapping[str, Macro]) -> str:
    """The text with each of these commands written out; one that is used without all its arguments stays."""
    at = 0
    for _ in range(MOST_EXPANSIONS if macros else 0):
        match = _NAME.search(text, at)
        while match is not None and match[0] not in macros:
            match = _NAME.search(text, match.end())
        if match is None or len(text) > LONGEST:
            break
        macro = macros[match[0]]
        arguments, end = _arguments(text, match.end(), macro.arguments)
        if len(arguments) < macro.arguments:
            at = match.end()
            continue
        body = _PLACE.sub(lambda place, given=arguments: _argument(place, given), macro.body)  # type: ignore[misc]
        following = " " if body[-1:].isalpha() and text[end : end + 1].isalpha() else ""
        text, at = f"{text[: match.start()]}{body}{following}{text[end:]}", match.start()
    return text


def _argument(place: re.Match[str], arguments: list[str]) -> str:
    number = int(place[1])
    return arguments[number - 1] if 0 < number <= len(arguments) else ""


def _arguments(text: str, at: int, count: int) -> tuple[list[str], int]:
    """The arguments behind a command: in braces, or one character or command each."""
    found: list[str] = []
    while len(found) < count:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            break
        if text[at] == "{":
            end = _closing(text, at)
            if end is None:
                break
            found.append(text[at + 1 : end])
            at = end + 1
            continue
        name = _NAME.match(text, at)
        end = name.end() if name else at + 1
        found.append(text[at:end])
        at = end
    return found, at


def _closing(text: str, start: int) -> int | None:
    """Where the brace is closed that is opened at a place."""
    depth = 0
    for k in range(start, min(len(text), start + LONGEST)):
        if text[k] in "{}" and text[k - 1 : k] != "\\":
            depth += 1 if text[k] == "{" else -1
            if not depth:
                return k
    return None
