"""Prints figures beside their goals, and remembers which goals were missed."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import machine


@dataclass(slots=True)
class Report:
    """``database`` stands before each line. ``missed`` are the goals that an idle machine did not reach."""

    database: str
    missed: list[str] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """A new measurement: how idle the machine was before is forgotten."""
        self.idle.clear()

    def calm(self) -> None:
        """Before each burst of a measurement."""
        self.idle.append(machine.calm())

    def was_idle(self) -> bool:
        return not self.idle or statistics.median(self.idle) >= machine.IDLE

    def note(self, name: str, text: str) -> None:
        print(f"{self.database:10} {name:58} {text}", flush=True)

    def rate(self, name: str, rates: Sequence[float], cpu: Sequence[float] = ()) -> float:
        """The median of runs per second, with the spread; ``cpu``: seconds of processor time for one."""
        middle = statistics.median(rates)
        used = f"  CPU {statistics.median(cpu) * 1e6:3.0f} us" if cpu else ""
        self.note(name, f"{middle:9,.0f}/s [{min(rates):,.0f}-{max(rates):,.0f}]{used}  {machine.load()}")
        return middle

    def goal(self, name: str, value: float, limit: float, *, unit: str = "", at_most: bool = False) -> None:
        """Hold ``value`` against ``limit``; a goal missed on a busy machine is said, and counts for nothing."""
        met = value <= limit if at_most else value >= limit
        sign = "<=" if at_most else ">="
        text = f"{value:9,.2f} {unit}".rstrip() + f"  (goal {sign} {limit:,.2f})"
        if met:
            self.note(name, f"{text}  ok")
        elif self.was_idle():
            self.note(name, f"{text}  MISSED")
            self.missed.append(f"{self.database}: {name.strip()}: {text.strip()}")
        else:
            self.note(name, f"{text}  not reached, but the machine was busy with other things")
