# One image for all processes of the platform; the command says which. `docker build -t triptych:0.1.0 .`
#
# Stages: `packages` the locked packages of the image; `assets` the files that pages load; `runtime` both with our code; `demonstration`
# adds what is simulated (bank, mailbox, demo), for the profile `demo` alone; `triptych`, the last one, is what an agency runs.
# No secret is in a layer: all are files that are mounted at /run/secrets when a container starts.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
WORKDIR /build
COPY requirements.txt pyproject.toml ./
COPY deploy/__init__.py deploy/__init__.py
COPY deploy/image/__init__.py deploy/image/requirements.py deploy/image/
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/triptych && python -m deploy.image.requirements . > locked.txt
RUN /opt/triptych/bin/python -m pip --no-cache-dir --disable-pip-version-check install --no-compile --require-hashes --only-binary :all: -r locked.txt
COPY deploy/image/slim.py deploy/image/
RUN python -m deploy.image.slim /opt/triptych && find /opt/triptych -name '*.so*' -type f -exec strip --strip-unneeded {} +

FROM ${PYTHON_IMAGE} AS assets
WORKDIR /build
RUN python -m venv /opt/node
COPY requirements-node.txt ./
COPY portal/assets portal/assets
RUN portal/assets/build.sh /opt/node/bin

FROM ${PYTHON_IMAGE} AS runtime
ENV PATH=/opt/triptych/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app TRIPTYCH_HOST=0.0.0.0 TRIPTYCH_PORT=8000
WORKDIR /app
# Folders of volumes: a new volume takes over who owns them.
RUN groupadd --gid 10001 triptych && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin triptych \
    && install -d -o triptych -g triptych /anchors /files /claim-files /bank /bank/outgoing /bank/incoming /bounces /mailbox /programme /backups \
    /installation /installation/anchors /installation/files /installation/claim-files /installation/bank /installation/bank/outgoing \
    /installation/bank/incoming
COPY --from=packages /opt/triptych /opt/triptych
COPY pyproject.toml LICENSE README.md ./
COPY shared shared
COPY services services
COPY portal portal
COPY --from=assets /build/portal/assets/built portal/assets/built
COPY regions regions
COPY deploy deploy
COPY operations operations
COPY --chmod=0755 deploy/image/probe.py /usr/local/bin/probe
COPY --chmod=0755 deploy/image/triptych.sh /usr/local/bin/triptych
RUN PYTHONDONTWRITEBYTECODE='' python -m deploy.image.imported && python -m compileall -q /app && python -m deploy.image.bill portal/assets > sbom.json
USER 10001:10001
# Sixteen processes begin at once: on a small machine one of them takes minutes, and a check costs as much as a request.
HEALTHCHECK --interval=15s --timeout=5s --start-period=300s --start-interval=5s --retries=4 CMD ["probe"]
CMD ["triptych", "--help"]

FROM runtime AS demonstration
USER 0
COPY simulation simulation
RUN PYTHONDONTWRITEBYTECODE='' python -m deploy.image.imported simulation.bank simulation.cli simulation.demo simulation.mailbox \
    && python -m compileall -q /app/simulation
USER 10001:10001

FROM runtime AS triptych
