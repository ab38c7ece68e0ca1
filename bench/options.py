"""What can be chosen on the command line: sections and sizes."""

import argparse

SECTIONS = ("pipeline", "two", "latency", "waiting", "journal", "memory")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(add_help=False)
    made.add_argument("sections", nargs="*", metavar="SECTION", help=f"some of: {', '.join(SECTIONS)} (default: all)")
    made.add_argument("--batch", type=int, default=500, help="rows taken at once (default: %(default)s)")
    made.add_argument("--events", type=int, default=3000, help="of one burst (default: %(default)s)")
    made.add_argument("--repeats", type=int, default=5, help="bursts of which the median counts (default: %(default)s)")
    made.add_argument("--changes", type=int, default=400, help="of the latency (default: %(default)s)")
    made.add_argument("--waiting", type=int, default=1_000_000, help="waiting runs (default: %(default)s)")
    made.add_argument("--journal", type=int, default=1_000_000, help="runs in the journal (default: %(default)s)")
    return made


def chosen(options: argparse.Namespace) -> tuple[str, ...]:
    unknown = sorted(set(options.sections) - set(SECTIONS))
    if unknown:
        raise SystemExit(f"There is no section {', '.join(unknown)}; choose among {', '.join(SECTIONS)}.")
    return tuple(options.sections) or SECTIONS
