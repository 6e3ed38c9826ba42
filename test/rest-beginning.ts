/** What people should read of the REST interface before its routes. */
export const beginning = `# REST interface

Made from the server's routes by \`npm run manual\`. \`GET /api/openapi.json\` has the same as OpenAPI 3.1, for programs.

Bodies and answers are JSON in UTF-8 unless a route says otherwise; unknown fields are refused. A server on which nobody has an account lets this machine do everything that needs none. Elsewhere a program sends the token of an account (its page, **API tokens**) as \`Authorization: Bearer tdm_…\`; what is for an account or an owner needs a person who has signed in, and no token may do it. [Security](security.md#accounts) says what the roles may do.

## Examples

An experiment is made, found, started, taken to a file and deleted, and comes back as a record of what happened:

\`\`\`sh
export TANDEM=http://localhost:3000 AUTHORIZATION="Authorization: Bearer $TANDEM_TOKEN"
ask() { curl --silent --show-error --fail-with-body --header "$AUTHORIZATION" "$@"; }
post() { ask --header "Content-Type: application/json" --data "$2" "$TANDEM$1"; }

ID=$(post /api/experiments '{"name": "From a script", "strategy": "fd", "rounds": 2}' |
  node -pe 'JSON.parse(fs.readFileSync(0)).id')
ask --request PATCH --header "Content-Type: application/json" \\
  --data '{"tags": ["script"]}' "$TANDEM/api/experiments/$ID/labels"
ask "$TANDEM/api/experiments?tag=script&limit=10"
post "/api/experiments/$ID/start" '{}'
post "/api/experiments/$ID/pause" '{}'
ask "$TANDEM/api/experiments/$ID/export?format=archive" --output run.tandem.zip
ask --request DELETE "$TANDEM/api/experiments/$ID"
ask --data-binary @run.tandem.zip --header "Content-Type: application/zip" \\
  "$TANDEM/api/experiments/import"
ask "$TANDEM/api/openapi.json" --output openapi.json
\`\`\`

A sweep of four, whose metrics are read once they are there:

\`\`\`sh
post /api/sweeps '{"name": "Skew", "base": {"strategy": "fedavg", "rounds": 1},
  "grid": {"alpha": [0.1, 100]}, "seeds": [1, 2]}'
ask "$TANDEM/api/experiments?group=Skew"
\`\`\`

## Exports

\`GET /api/experiments/{id}/export\` writes while it sends, so that large ones take no memory; \`npm run experiment -- export\` and \`import\` do the same from a terminal.

| \`format\` | What it holds |
| --- | --- |
| \`csv\` | A row for each round, client and metric: \`round,client,place,metric,value\`. With \`layout=wide\` a row for each round and client, and a column for each metric. Of a round as a whole, client and place are empty. |
| \`jsonl\` | \`{"kind": "round", …}\` for each round, then \`{"kind": "client", …}\` for each answer to it. \`null\` is a number that is not finite. |
| \`tensorboard\` | A zip of event files: the run \`rounds\`, with the settings as a text, and one below \`clients\` for each client. Steps are rounds, wall times their ends. \`tensorboard --logdir DIR\` reads the unpacked folder. |
| \`archive\` | Everything in a zip that \`POST /api/experiments/import\` takes. |

Metrics are what the experiment's page draws, and of each round \`round/seconds\`, \`round/uploads\`, \`round/refused\`, \`round/bytesUp\` and \`round/bytesDown\`. An experiment without any is refused, not written as an empty file.

An archive has the records (\`experiment.json\`, \`events.jsonl\`, \`rounds.jsonl\`, \`clients.jsonl\`, \`metrics.jsonl\`, of an experiment on a task \`task.json\`), every blob that they name as \`blobs/SHA-256\`, each round's pictures below \`gallery/\`, the last adapter below \`adapter/\`, and \`manifest.json\` with the format's version and the size and SHA-256 of every file. Left out are invitations, applicants, and all hashes of tokens, keys and addresses. It holds what participants have uploaded and are called: treat it as they were told that the experiment would be. What runs is archived as if it were paused. The same experiment gives the same bytes, also on the server that has imported it; after its time for keeping participants' data has passed, that server erases it as this one does.

An import may take as long as it needs, unless nothing of it comes for ten seconds. It is checked before anything of it is kept: names, sizes and checksums against the manifest, every record against its schema, every blob against its name. Nothing or all of it is taken in, and a refusal names the file and the reason.

## Errors

A failure is \`{"error": {"code": "…", "message": "…"}}\` with a message for people, and the status of its code. Every route may also answer \`too-many\` to an address that asks too often, and \`internal\` where something broke; the server's log has the rest under the header \`x-request-id\`.
`;
