FROM standin-servers
RUN useradd --uid 1000 --create-home temporal
COPY --chmod=0755 temporal-server temporal-sql-tool temporal /usr/local/bin/
USER temporal
