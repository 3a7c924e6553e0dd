# What a person who works on gitgrant types. `make test` is the command of the README.

GO        ?= go
FUZZTIME  ?= 30s

VERSION   := $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)
COMMIT    := $(or $(shell git rev-parse HEAD 2>/dev/null),unknown)
DATE      := $(or $(shell git log -1 --format=%cI 2>/dev/null),unknown)
STAMP     := -X gitgrant/ui/command.version=$(VERSION) -X gitgrant/ui/command.commit=$(COMMIT) -X gitgrant/ui/command.date=$(DATE)
# The OAuth applications of whoever builds, for github.com and gitlab.com; none by default.
STAMP     += -X gitgrant/providers/github.clientID=$(GITGRANT_GITHUB_CLIENT_ID) -X gitgrant/providers/gitlab.clientID=$(GITGRANT_GITLAB_CLIENT_ID)

# What keeps the program small: HTTP/2, which it speaks with nobody, is left out,
# and code in which nothing is hot is not copied to where it is called: what waits
# for a host or for a person all the time. The same stands in .goreleaser.yaml.
COLD      := gitgrant/... github.com/goccy/... net/http crypto/tls
SLIM      := -tags nethttpomithttp2 $(COLD:%=-gcflags %=-l)

# The tools, pinned. Each is built once into ./bin under a name that carries its version.
GOLANGCI_LINT := bin/golangci-lint-v2.15.0
GOFUMPT       := bin/gofumpt-v0.12.0
DEADCODE      := bin/deadcode-v0.52.0
GORELEASER    := bin/goreleaser-v2.16.0
CYCLONEDX     := bin/cyclonedx-gomod-v1.10.0

.DEFAULT_GOAL := build
.PHONY: build test bench size fuzz golden pictures lint cross release-check release clean

build: ## one stripped binary: ./bin/gitgrant
	CGO_ENABLED=0 $(GO) build -buildvcs=false -trimpath $(SLIM) -ldflags "-s -w $(STAMP)" -o bin/gitgrant .

test: ## fetches the test parts that it can, then format, vet, build and every test
	@scripts/test.sh

size: ## is the stripped program as small as it has to be
	@scripts/size.sh $(SLIM)

bench: size ## every benchmark, no tests
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## every fuzz target in turn, each for FUZZTIME
	@scripts/fuzz.sh $(FUZZTIME)

golden: ## draws the golden frames anew; read the difference before committing it
	$(GO) test $$(grep -rl --include='*_test.go' --exclude-dir=node_modules '/x/exp/golden"' . | xargs -n1 dirname | sort -u) -update

pictures: ## the pictures of the documentation, from the program itself
	@mkdir -p docs/pictures
	$(GO) test ./ui/command -count=1 -run TestThePictures -pictures $(CURDIR)/docs/pictures

lint: $(GOLANGCI_LINT) $(GOFUMPT) $(DEADCODE) ## linters, stricter format, code that nothing reaches
	$(GOLANGCI_LINT) run ./...
	@unformatted=$$($(GOFUMPT) -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "gofumpt would change:"; echo "$$unformatted"; exit 1; }
	@dead=$$($(DEADCODE) -test ./...); [ -z "$$dead" ] || { echo "nothing reaches:"; echo "$$dead"; exit 1; }

cross: ## does it compile, tests too, where it is shipped to
	@set -e; for os in linux darwin windows; do for arch in amd64 arm64; do \
		echo "$$os/$$arch"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -buildvcs=false ./...; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) vet ./...; \
	done; done

release-check: $(GORELEASER) $(CYCLONEDX) ## the whole release into ./dist, published nowhere
	$(GORELEASER) check
	CYCLONEDX_GOMOD=$(CURDIR)/$(CYCLONEDX) $(GORELEASER) release --snapshot --clean

release: $(GORELEASER) $(CYCLONEDX) ## what the tag stands for, published where the environment says
	CYCLONEDX_GOMOD=$(CURDIR)/$(CYCLONEDX) $(GORELEASER) release --clean

clean: ## what was built, not what was fetched
	rm -rf dist .cache bin/gitgrant

bin/golangci-lint-%: ; $(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$*)
bin/gofumpt-%:       ; $(call install,mvdan.cc/gofumpt,$*)
bin/deadcode-%:      ; $(call install,golang.org/x/tools/cmd/deadcode,$*)
bin/goreleaser-%:    ; $(call install,github.com/goreleaser/goreleaser/v2,$*)
bin/cyclonedx-gomod-%: ; $(call install,github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod,$*)

install = GOBIN=$(CURDIR)/bin $(GO) install $(1)@$(2) && mv bin/$(notdir $(patsubst %/v2,%,$(1))) $@
