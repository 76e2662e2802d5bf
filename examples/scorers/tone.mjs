// A guideline as a service, by Node without packages: 1, less 0.2 for each "maybe". node tone.mjs [PORT]
import { createServer } from "node:http";

const server = createServer(async (request, response) => {
  let body = "";
  request.setEncoding("utf8");
  for await (const piece of request) body += piece;
  const hedges = JSON.parse(body).completion.toLowerCase().split("maybe").length - 1;
  const reply = JSON.stringify({ score: Math.max(0, 1 - 0.2 * hedges), evidence: [`${hedges} hedges`] });
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(reply) });
  response.end(reply);
});

server.listen(Number(process.argv[2] ?? 8099), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/score`);
});
