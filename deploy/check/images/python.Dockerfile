FROM standin-python
ENV LANG=C.UTF-8 NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY etc/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY etc/pip.conf /etc/pip.conf
COPY local /usr/local
RUN ldconfig && python -m ensurepip && pip3 --version
CMD ["python3"]
