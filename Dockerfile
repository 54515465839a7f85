# LlamaRunner Pro as a container; installers/docker has compose files and explains the options.
#
# Base images are pinned by digest, Python and Node packages by the lock files' hashes.

# --- the dashboard ------------------------------------------------------------------------------
FROM node:20.19.2-bookworm-slim@sha256:7cd3fbc830c75c92256fe1122002add9a1c025831af8770cd0bf8e45688ef661 AS page
WORKDIR /src
COPY package.json package-lock.json ./
# No package of ours needs its install scripts.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend frontend
RUN node node_modules/vite/bin/vite.js build --config frontend/vite.config.ts

# --- the program --------------------------------------------------------------------------------
FROM debian:bookworm-20250520-slim@sha256:90522eeb7e5923ee2b871c639059537b30521272f10ca86fdbbbb2b75a8c40cd AS program
# Debian keeps old versions of its packages for a short time only, so they cannot be pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY build-scripts/locks build-scripts/locks
# One environment builds, another one is what runs.
RUN python3 -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement build-scripts/locks/build.txt \
    && /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --require-hashes --requirement build-scripts/locks/runtime.txt --wheel-dir /wheels
COPY pyproject.toml README.md LICENSE ./
COPY build-scripts/carry_page.py build-scripts/carry_page.py
COPY backend backend
COPY --from=page /src/frontend/dist frontend/dist
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python3 -m venv /opt/llama-runner-pro \
    && /opt/llama-runner-pro/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl \
    && /opt/llama-runner-pro/bin/pip uninstall --yes pip setuptools

# --- what runs ----------------------------------------------------------------------------------
FROM debian:bookworm-20250520-slim@sha256:90522eeb7e5923ee2b871c639059537b30521272f10ca86fdbbbb2b75a8c40cd
# libgomp1 is what the embedded engine computes with.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libgomp1 python3 tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 llama \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin llama \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data \
    && install --directory --owner 10001 --group 10001 --mode 0755 /models
COPY --from=program /opt/llama-runner-pro /opt/llama-runner-pro
ENV PATH=/opt/llama-runner-pro/bin:/usr/local/bin:/usr/bin:/bin \
    LLAMA_RUNNER_PRO_HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/models"]
EXPOSE 1234 11434 8585
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["llama-runner-pro", "health"]
# tini collects what models leave behind; as process 1 nobody else would.
ENTRYPOINT ["/usr/bin/tini", "--", "llama-runner-pro"]
CMD ["serve", "--container"]
