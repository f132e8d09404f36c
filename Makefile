.PHONY: run test check bench faults screenshots lock clean

run:  ## everything, at http://127.0.0.1:8000 (HOST and PORT in the environment)
	@scripts/bootstrap.sh requirements.lock
	@.venv/bin/python -m scripts.frontend
	@exec .venv/bin/python manage.py up $(UP)

test:  ## linters, tests on SQLite, on PostgreSQL and Redis, fault tests, browser tests
	@scripts/bootstrap.sh requirements-dev.lock
	@.venv/bin/python -m scripts.test

check:  ## the fast part: linters and tests on SQLite
	@scripts/bootstrap.sh requirements-dev.lock
	@.venv/bin/python -m scripts.test --fast

bench:  ## every figure, beside a plain loop in the same run; BENCH="end_to_end web" takes some, BENCH=--short is quick
	@scripts/bootstrap.sh requirements-dev.lock
	@.venv/bin/python -m benchmarks $(BENCH)

faults:  ## kill -9, restarts, full disks, wrong clocks…: K1 to K20; FAULTS="K7 K8" takes some, FAULTS=--short is quick
	@scripts/bootstrap.sh requirements-dev.lock
	@.venv/bin/python -m tests.faults $(FAULTS)

screenshots:  ## pictures of every page into test-results/screens/
	@scripts/bootstrap.sh requirements-dev.lock
	@.venv/bin/python -m scripts.frontend
	@.venv/bin/python -m scripts.screenshots

lock:  ## write the lock files after a change of the .in files; UPGRADE=--upgrade takes newer versions
	@scripts/bootstrap.sh requirements-dev.lock
	@scripts/lock.sh $(UPGRADE)

clean:  ## everything that can be made again; data in var/ stays
	rm -rf .venv node_modules static/build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
