# Two commands: `make run` and `make test`. Each does all set-up by itself; the scripts are there to be read.
# Options of the server: make run ARGS="--listen 127.0.0.1:8000 --cluster kubeconfig:staging"
.PHONY: run test bundle

run:
	@exec scripts/run.sh $(ARGS)

# One stage or more: make test ARGS="fmt clippy unit"
test:
	@exec scripts/test.sh $(ARGS)

bundle:
	@exec scripts/bundle.sh $(ARGS)
