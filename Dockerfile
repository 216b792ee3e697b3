# The image holds the program, CA certificates and a directory for the store; nothing else, and no shell.
# Time zones are inside the program.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" --build-arg REVISION="$(git rev-parse HEAD)" -t socialboards_exporter .
#
# Buildx makes it for other platforms: the compiler runs on this one.
ARG GO_IMAGE=golang:1.26
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
ARG REVISION=unknown
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -o /out/socialboards_exporter -ldflags "-s -w \
      -X github.com/prometheus/common/version.Version=${VERSION} \
      -X github.com/prometheus/common/version.Revision=${REVISION}" . \
 && mkdir -p /out/store && mkdir -m 0700 /out/store/data

FROM scratch
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="socialboards_exporter" \
      org.opencontainers.image.description="Exposes what happens in Socialboards tickets to Prometheus" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chmod=0644 /src/LICENSE /LICENSE
COPY --from=build /out/socialboards_exporter /socialboards_exporter
# Its parent is copied, since the permissions of a directory that is copied itself are lost.
COPY --from=build --chown=65532:65532 /out/store /
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
VOLUME /data
EXPOSE 10066
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["/socialboards_exporter", "healthcheck"]
ENTRYPOINT ["/socialboards_exporter"]
CMD ["--config.file=/etc/socialboards/socialboards.yml", "--storage.path=/data"]
