# Lastgood in a container. Build the distribution first, then the image:
#
#   ./mvnw -B -ntp package -Pdist -Dmaven.test.skip
#   docker build --build-arg VERSION=0.1.0-SNAPSHOT -t lastgood .
#   docker run --rm -v "$PWD/shop:/workspace" -e SHOP_READ_USER lastgood audit
#
# It ends as the command does: 0 pass, 1 findings, and so on. The workspace may be read-only if the store is elsewhere.
# For a release by its digest: --build-arg BASE=eclipse-temurin@sha256:…
ARG BASE=eclipse-temurin:17.0.16_8-jre-noble
FROM ${BASE}
ARG VERSION
RUN useradd --uid 10001 --user-group --no-create-home lastgood && mkdir /workspace && chown lastgood /workspace
ADD jobs/target/lastgood-${VERSION}.tar.gz /opt/
# Classes as they lie in memory, made once: every start is quicker for it.
RUN ln -s lastgood-${VERSION} /opt/lastgood && /opt/lastgood/bin/prepare
ENV PATH=/opt/lastgood/bin:$PATH
USER 10001
WORKDIR /workspace
ENTRYPOINT ["/opt/lastgood/bin/lastgood"]
