"""The language targets are named in: ``0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)``.

A text is read with `ast` into terms and never evaluated as code: it can come from the header of
a stranger's recording. What the names in it mean is not known here.

::

    expression   term ("+" term)*                the weights of several terms sum to 1
    term         call | number "*" term | term "*" number
    call         name "(" numbers, keyword=numbers ")"
    number       literal | "+" number | "-" number | number ("+" | "-" | "*" | "/") number
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

from gan_viz.distributions.base import shorten
from gan_viz.errors import UsageError

MAX_LENGTH = 4000
MAX_TERMS = 64
_TOLERANCE = 1e-6
_GRAMMAR = "write e.g. norm(4, 0.5) or 0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)"
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Term:
    """One weighted distribution of an expression."""

    weight: float
    """Positive; the weights of an expression's terms sum to 1."""
    name: str
    """The distribution's name, as written."""
    args: tuple[float, ...]
    """Positional parameters, finite."""
    kwargs: dict[str, float]
    """Named parameters, finite."""
    text: str
    """The call as written, for messages."""


def parse(text: str) -> tuple[Term, ...]:
    """Read an expression, of at most 4000 characters and 64 terms; at least one is returned.

    Raises UsageError if the text is no such expression, a parameter is not a finite number, or the
    weights of a mixture are missing, not positive, or do not sum to 1.
    """
    if len(text) > MAX_LENGTH:
        raise UsageError(
            f"a distribution of {len(text)} characters is too long (at most {MAX_LENGTH}): "
            f"{shorten(text)}"
        )
    try:
        return _terms(_summands(_tree(text)))
    except RecursionError:
        raise UsageError(f"cannot read {shorten(text)!r}: it is nested too deeply") from None


def _tree(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if": the tokenizer's advice is not for us
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError):
        raise UsageError(f"cannot read {shorten(text)!r} as a distribution: {_GRAMMAR}") from None


def _summands(node: ast.expr) -> list[ast.expr]:
    summands: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        summands.append(node.right)
        node = node.left
    return [node, *reversed(summands)]


def _weighted(node: ast.expr) -> tuple[float | None, ast.Call]:
    """Split one summand into its weight, if it has one, and its call."""
    if _is_named_call(node):
        return None, node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        inside_left = _has_call(node.left)
        if inside_left != _has_call(node.right):
            term, factor = (node.left, node.right) if inside_left else (node.right, node.left)
            weight, call = _weighted(term)
            return _number(factor) * (1.0 if weight is None else weight), call
    raise UsageError(_not_a_term(node))


def _is_named_call(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def _has_call(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


def _not_a_term(node: ast.expr) -> str:
    text = _written(node)
    if isinstance(node, ast.Name):
        return f"{text!r} is no distribution by itself: write {text}() with its parameters"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _has_call(node):
        return f"cannot subtract distributions in {text!r}: weights are positive and sum to 1"
    return f"cannot read {text!r} as a distribution or weight*distribution: {_GRAMMAR}"


def _number(node: ast.expr) -> float:
    value = _value(node)
    if value is None or not math.isfinite(value):
        raise UsageError(f"{_written(node)!r} is not a finite number")
    return value


def _value(node: ast.expr) -> float | None:
    try:
        if isinstance(node, ast.Constant):
            return _literal(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            sign = -1.0 if isinstance(node.op, ast.USub) else 1.0
            return sign * _number(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return _ARITHMETIC[type(node.op)](_number(node.left), _number(node.right))
    except (OverflowError, ZeroDivisionError):
        return None
    return None


def _literal(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _written(node: ast.AST) -> str:
    return shorten(ast.unparse(node))


def _terms(summands: list[ast.expr]) -> tuple[Term, ...]:
    if len(summands) > MAX_TERMS:
        raise UsageError(f"a mixture of {len(summands)} parts is too long (at most {MAX_TERMS})")
    found = [_weighted(node) for node in summands]
    if len(found) == 1 and found[0][0] is None:
        return (_term(1.0, found[0][1]),)
    _check_weights(found)
    return tuple(_term(weight or 0.0, call) for weight, call in found)


def _term(weight: float, call: ast.Call) -> Term:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    kwargs: dict[str, float] = {}
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in kwargs:
            raise UsageError(f"cannot read {_written(call)!r}: name each parameter once")
        kwargs[keyword.arg] = _parameter(keyword.value, call)
    args = tuple(_parameter(node, call) for node in call.args)
    return Term(weight, name, args, kwargs, _written(call))


def _parameter(node: ast.expr, call: ast.Call) -> float:
    try:
        return _number(node)
    except UsageError as error:
        raise UsageError(f"in {_written(call)}: {error}") from None


def _check_weights(found: list[tuple[float | None, ast.Call]]) -> None:
    weights = [weight for weight, _ in found if weight is not None]
    if len(weights) < len(found):
        equal = _proposal([1.0] * len(found), found)
        raise UsageError(f"each distribution of a mixture needs a weight, e.g. {equal}")
    total = sum(weights)
    if min(weights) <= 0:
        raise UsageError(f"the weight {min(weights):g} is not positive: leave that part out")
    if not math.isfinite(total):
        raise UsageError(f"the weights sum to {total:g}, not to 1")
    if abs(total - 1) > _TOLERANCE:
        cure = _proposal(weights, found)
        raise UsageError(f"the weights sum to {total:.7g}, not to 1: write {cure}")


def _proposal(weights: list[float], found: list[tuple[float | None, ast.Call]]) -> str:
    total = f"{sum(weights):.12g}"
    parts = zip(weights, (call for _, call in found), strict=True)
    if len(found) == 1:
        return _written(found[0][1])
    weighted = (f"{weight:.12g}/{total}*{_written(call)}" for weight, call in parts)
    return shorten(" + ".join(weighted), 200)
