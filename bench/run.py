"""One database, in a process of its own: ``bench`` starts it with the settings for it."""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- after the application is ready
from django.db import connection  # noqa: E402 -- same

from bench import company, journal, latency, memory, pipeline, reference, waiting  # noqa: E402 -- same
from bench.options import chosen, parser  # noqa: E402 -- same
from bench.report import Report  # noqa: E402 -- same


def main() -> int:
    options = parser().parse_args()
    wanted = chosen(options)
    report = Report(connection.vendor)
    sizes = {"batch": options.batch, "events": options.events, "repeats": options.repeats}
    call_command("migrate", verbosity=0)
    reference.create()
    company.furnish()
    company.load_events(500)
    company.drain(options.batch)
    rate = 0.0
    if "pipeline" in wanted or "waiting" in wanted:
        rate = pipeline.pipeline(report, **sizes)
        pipeline.wake(report, **sizes)
    if "two" in wanted and connection.vendor == "postgresql":
        pipeline.two(report, **sizes)
    if "latency" in wanted:
        latency.latency(report, changes=options.changes)
    if "waiting" in wanted:
        waiting.waiting(report, rate, runs=options.waiting, **sizes)
    if "journal" in wanted:
        journal.measure(report, options.journal)
    if "memory" in wanted and connection.vendor == "sqlite":
        memory.memory(report)
    for missed in report.missed:
        print(f"MISSED  {missed}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
