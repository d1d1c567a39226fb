FROM standin-postgres
ENV PATH=/usr/lib/postgresql/18/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/18/docker LANG=C.UTF-8
RUN groupmod --non-unique --gid 999 postgres && usermod --non-unique --uid 999 --gid 999 postgres && rm -rf /var/lib/postgresql /run/postgresql \
    && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql && install -d -o postgres -g postgres /run/postgresql
COPY --chmod=0755 postgres.sh /usr/local/bin/docker-entrypoint.sh
VOLUME /var/lib/postgresql
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
