"""What the commands of this room answer when they cannot do what was asked, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from rouage.accounts.errors import Invalid
from rouage.automations.explain import sentence
from rouage.automations.problems import Problem
from rouage.planner.model import Reason

__all__ = ["Invalid", "NotPublishable", "Refused", "refuse"]


class Refused(Exception):
    """The command does not fit the state of the automation or run; ``sentence`` says why and what to do."""

    def __init__(self, reason: Reason, kind: str = "") -> None:
        super().__init__(reason.code)
        self.reason = reason
        self._kind = kind

    @property
    def sentence(self) -> str:
        return sentence(self.reason, self._kind)


class NotPublishable(Exception):
    """The draft has problems; each says where it stands and what to do. The draft stays saved."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.where}: {problem.text}" for problem in problems))
        self.problems = tuple(problems)


def refuse(code: str, **data: object) -> Refused:
    return Refused(Reason(code=code, data=data))
