# The front end, built where Node is.
FROM node:22-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HERALD_DATA_DIR=/data
RUN useradd --system --uid 10001 --create-home herald && mkdir /data && chown herald:herald /data
WORKDIR /herald
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY . .
COPY --from=frontend /build/static/build ./static/build
# Keys that this step would make stay out of the image.
RUN HERALD_DATA_DIR=/tmp/build python manage.py compile_catalogs && rm -rf /tmp/build
USER herald
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--factory", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--workers-kill-timeout", "5", "crm.web:application"]
