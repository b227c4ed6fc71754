"""How far a net change is from one that is right, up to the ids and labels of what is new."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from evals.facts import Fact, fits, parse_fact

_TRIES_MAX = 20_000
"""Assignments of new nodes to names that are tried; a model that adds dozens of nodes is wrong in any of them."""


@dataclass(frozen=True, slots=True)
class Right:
    """A set of facts that is right: all that are `required`, and any of those that are `optional`."""

    required: tuple[Fact, ...]
    optional: tuple[Fact, ...] = ()

    @staticmethod
    def parse(lines: Sequence[str]) -> "Right":
        """Read the lines of a data file; "? " marks what need not be there. Raises ValueError."""
        return Right(
            tuple(parse_fact(line) for line in lines if not line.startswith("? ")),
            tuple(parse_fact(line[2:]) for line in lines if line.startswith("? ")),
        )

    @property
    def new(self) -> Mapping[str, str]:
        """The names of new nodes, each with its type."""
        return {f.subject[0]: f.value or "" for f in (*self.required, *self.optional) if f.is_new_node}


@dataclass(frozen=True, slots=True)
class Fit:
    """`missing` is what is right and was not done, `extra` what was done and is not right; `matched` the rest."""

    missing: tuple[Fact, ...] = ()
    extra: tuple[Fact, ...] = ()
    matched: tuple[Fact, ...] = ()

    @property
    def is_right(self) -> bool:
        return not self.missing and not self.extra

    @property
    def distance(self) -> int:
        return len(self.missing) + len(self.extra)


def best_fit(rights: Sequence[Right], found: Sequence[Fact]) -> Fit:
    """Return the fit to the nearest of the sets that are right, under the best meaning of their names."""
    fits_found = (_fit(right, found, names) for right in rights for names in _meanings(right, found))
    best = Fit(extra=tuple(found), missing=rights[0].required if rights else ())
    for fit in fits_found:
        if fit.distance < best.distance:
            best = fit
        if best.is_right:
            break
    return best


def _meanings(right: Right, found: Sequence[Fact]) -> Iterator[Mapping[str, str]]:
    """Every way to let the names of new nodes stand for nodes of their type that were added, each for one."""
    added = [fact for fact in found if fact.is_new_node]
    choices = [[*(f.subject[0] for f in added if f.value == type_), ""] for type_ in right.new.values()]
    for chosen in islice(product(*choices), _TRIES_MAX):
        taken = [node_id for node_id in chosen if node_id]
        if len(taken) == len(set(taken)):
            yield {name: node_id for name, node_id in zip(right.new, chosen, strict=True) if node_id}


def _fit(right: Right, found: Sequence[Fact], names: Mapping[str, str]) -> Fit:
    left, missing, matched = list(found), [], []
    for pattern in right.required:
        fact = next((fact for fact in left if fits(pattern, fact, names)), None)
        if fact is None:
            missing.append(pattern)
        else:
            left.remove(fact)
            matched.append(fact)
    for pattern in right.optional:
        fact = next((fact for fact in left if fits(pattern, fact, names)), None)
        if fact is not None:
            left.remove(fact)
            matched.append(fact)
    return Fit(tuple(missing), tuple(left), tuple(matched))
