# The image holds the program, CA certificates and a directory for the store; nothing else, and no shell.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
ARG REVISION=unknown
RUN CGO_ENABLED=0 go build -trimpath -o /out/socialboards_exporter -ldflags "-s -w \
      -X github.com/prometheus/common/version.Version=${VERSION} \
      -X github.com/prometheus/common/version.Revision=${REVISION}" . \
 && mkdir -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/socialboards_exporter /socialboards_exporter
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 10066
HEALTHCHECK CMD ["/socialboards_exporter", "healthcheck"]
ENTRYPOINT ["/socialboards_exporter"]
CMD ["--config.file=/etc/socialboards/socialboards.yml", "--storage.path=/data"]
