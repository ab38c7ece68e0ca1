# The commands of the project. Each sets up what it needs: a fresh clone has nothing to prepare.
.PHONY: help run demo test check fmt bench messages requirements lock
.DEFAULT_GOAL := help

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'

run: ## serve Rouage with its demo company and demo mailbox, on this machine
	@tools/setup
	@.venv/bin/rouage serve --demo

demo: ## play ten weeks of payment reminders on a test clock and print their journal
	@tools/setup
	@.venv/bin/rouage demo reminders

test: ## run the tests, on SQLite and (where it is installed) on PostgreSQL; ARGS="tests/planner -k calendar" for some
	@tools/setup test
	@tools/test $(ARGS)

check: ## lint, types, import contracts, and the rules of the house
	@tools/setup test
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --check --quiet .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m tools.check
	ROUAGE_DATABASE=sqlite://:memory: .venv/bin/rouage makemigrations --check --dry-run

fmt: ## put the code into its form
	@tools/setup test
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .

bench: ## measure throughput and latency beside the machine's own limits
	@tools/setup test
	@.venv/bin/python -m bench $(ARGS)

messages: ## take new messages into the catalogues, then say what is not translated yet
	@tools/setup test
	@.venv/bin/python -m tools.messages extract
	@.venv/bin/python -m tools.messages compile
	@.venv/bin/python -m tools.messages check

requirements: ## print the table of requirements, their tests and what is still untested
	@tools/setup test
	@.venv/bin/python -m tools.requirements

lock: ## choose new versions of the packages (for maintainers; needs the network)
	@tools/setup test
	@tools/lock
