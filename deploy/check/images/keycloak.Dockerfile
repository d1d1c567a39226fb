FROM standin-servers
RUN useradd --uid 1000 --gid 0 --no-create-home --home-dir /opt/keycloak keycloak
COPY --chown=1000:0 . /opt/keycloak
USER 1000
ENTRYPOINT ["/opt/keycloak/bin/kc.sh"]
