# The packages apart from the rest: npm and its cache stay out of the image that runs, and this stage repeats only when
# the packages change.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

# The page is built with packages that the image itself does without.
FROM packages AS page
RUN npm ci --include=dev
COPY tsconfig.json vite.config.ts ./
COPY src/page src/page
RUN npm run build

FROM node:24.21.0-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg \
  && rm -rf /var/lib/apt/lists/*
# A new volume takes over the owner of the directory that it is mounted on.
RUN mkdir /data && chown node:node /data
VOLUME /data

WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY migrations migrations
COPY src src
COPY scripts/key.ts scripts/
COPY --from=page /app/dist dist

USER node
# Inside a container, 127.0.0.1 is out of everyone's reach.
ENV HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Exec form: signals reach the program, not a shell.
CMD ["node", "src/main.ts"]
