"""Rows of factors: put into another order, opened, and parted."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.derivation_check.trees import Bracket, Node, Row, Terms


def moved(count: int, i: int, j: int) -> tuple[int, ...]:
    order = [k for k in range(count) if k != i]
    order.insert(j, i)
    return tuple(order)


def exchanged(count: int, i: int, j: int) -> tuple[int, ...]:
    order = list(range(count))
    order[i], order[j] = order[j], order[i]
    return tuple(order)


def reordered(node: Row, order: Sequence[int]) -> Row:
    between = node.between if len({"".join(each.split()) for each in node.between}) == 1 else (" ",) * len(node.between)
    return Row(node.kind, tuple(node.items[k] for k in order), tuple(each if each.strip() else " " for each in between))


def flattened(node: Row) -> Row:
    items: list[Node] = []
    for item in node.items:
        inside = item.inside if isinstance(item, Bracket) and not item.is_transposed else None
        items += inside.items if isinstance(inside, Row) and inside.kind == "product" else [item]
    return Row("product", tuple(items), (" ",) * (len(items) - 1))


def part(node: Row, start: int, end: int) -> Node:
    return node.items[start] if end == start + 1 else Row("product", node.items[start:end], node.between[start : end - 1])


def product(items: Sequence[Node]) -> Node:
    return items[0] if len(items) == 1 else Row("product", tuple(items), (" ",) * (len(items) - 1))


def bracketed(node: Node) -> Node:
    return Bracket("(", node, ")", False) if isinstance(node, Terms) else node


def entrywise_inside(node: Node) -> Node:
    """What stands in brackets, if it is an entrywise product beside which another factor can be written."""
    inside = node.inside if isinstance(node, Bracket) and not node.is_transposed else node
    return inside if isinstance(inside, Row) and inside.kind == "hadamard" else node
