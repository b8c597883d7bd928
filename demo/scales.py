"""How large a demo firm is."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Scale:
    """Sizes of a demo firm. ``books`` gives the managers of each branch."""

    name: str
    managers: tuple[int, ...]
    clients: int
    # Visits of all clients together; without a number, as many as ``history_days`` hold.
    visits: int | None
    # How far back contacts go, and how far back callbacks that were done.
    history_days: int
    done_days: int
    # Two branch companies above the branches; without them the branches hang on the head office.
    companies: bool = True

    @property
    def branches(self) -> int:
        return len(self.managers)

    def share(self, part: float) -> "Scale":
        """The same firm with fewer branches: every book keeps its size."""
        branches = max(1, round(self.branches * part))
        return replace(
            self,
            managers=_spread(round(sum(self.managers) * part), branches),
            clients=round(self.clients * part),
            visits=None if self.visits is None else round(self.visits * part),
        )


def _spread(total: int, parts: int) -> tuple[int, ...]:
    """``total`` in ``parts`` whole numbers that differ by one at most."""
    return tuple(total // parts + (n < total % parts) for n in range(parts))


SCALES = {
    scale.name: scale
    for scale in (
        Scale("small", (2, 2, 1, 1, 1, 1), 480, visits=None, history_days=365, done_days=365),
        Scale("branch", (10,), 10_000, visits=100_000, history_days=9999, done_days=90),
        Scale("firm", _spread(400, 45), 100_000, visits=1_000_000, history_days=9999, done_days=90),
        Scale("million", _spread(4000, 450), 1_000_000, 10_000_000, 9999, done_days=90),
    )
}
