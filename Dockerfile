# syntax=docker/dockerfile:1
# Build on any Debian 12 base that has Python 3.11 or later: docker build --build-arg BASE=... .
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
# Byte code is written once here, not at every start of a container.
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=
# Every provider of keys and every place, so that choosing one is a setting.
COPY requirements/image.lock requirements/image.lock
RUN python3 -m venv /opt/privacy-service \
 && /opt/privacy-service/bin/pip install --no-deps --require-hashes -r requirements/image.lock
COPY pyproject.toml README.md LICENSE ./
COPY privacy_service privacy_service
COPY retention retention
COPY buf buf
COPY examples examples
RUN /opt/privacy-service/bin/pip install --no-deps --no-build-isolation . \
 && /opt/privacy-service/bin/python -m compileall -q /opt/privacy-service/lib

FROM ${BASE}
RUN groupadd --gid 10001 privacy \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/privacy privacy \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/privacy
COPY --from=build /opt/privacy-service /opt/privacy-service
ENV PATH=/opt/privacy-service/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PRIVACY_SERVER__ADDRESS=0.0.0.0:8443 \
    PRIVACY_SERVER__HEALTH_ADDRESS=127.0.0.1:8444 \
    PRIVACY_DATABASE__URL=sqlite:////var/lib/privacy/privacy.sqlite \
    PRIVACY_KEYS__PROVIDER=file:/var/lib/privacy/keyring.json
WORKDIR /var/lib/privacy
VOLUME /var/lib/privacy
USER 10001:10001
EXPOSE 8443
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["privacy-service", "health"]
ENTRYPOINT ["privacy-service"]
CMD ["serve"]
