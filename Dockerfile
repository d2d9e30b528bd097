FROM node:24-bookworm-slim AS base
WORKDIR /app
RUN install -d -o node -g node -m 0700 /data
ENV DATA_DIR=/data \
    UV_THREADPOOL_SIZE=16
VOLUME /data
EXPOSE 3000 3001
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3001/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY . .
RUN node tools/build-assets.ts

# What `docker compose` starts: with the sample app and the gallery.
FROM build AS development
USER node
CMD ["node", "tools/start.ts"]

FROM build AS pruned
RUN npm prune --omit=dev

FROM base
COPY --from=pruned /app/node_modules node_modules
COPY --from=pruned /app/package.json ./
COPY --from=pruned /app/src src
COPY --from=pruned /app/views views
COPY --from=pruned /app/config config
ENV NODE_ENV=production
USER node
CMD ["node", "src/main.ts"]
