'use strict';
/*
 * The npm package @vercel/cosmosdb-server, an implementation of Cosmos DB by others, with what the Java client needs and it
 * lacks. Theirs: databases, containers, documents by key with their entity tags and the refusals of stale ones, bulk but for
 * its patches, the language of queries. Ours: query plans, feed ranges, the change feed, transactions, partition keys other
 * than a text at the top, signatures, and 404 for what they answer with 500.
 *
 * Usage, in the folder with node_modules: node cosmos.js PORT RANGES KEY
 */
const crypto = require('crypto');
const http = require('http');
const installed = require('module').createRequire(process.cwd() + '/');
const theirs = name => installed('@vercel/cosmosdb-server/lib/' + name);

const [port, ranges, key] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];

const Account = theirs('account').default;
const Items = theirs('account/items').default;
const Documents = theirs('account/documents').default;
const Collections = theirs('account/collections').default;
const route = theirs('routes').default;
const header = theirs('utils/get-partition-from-header');
const operations = theirs('handler/_document-operations');
const { patchOperation } = theirs('handler/_patch-operations');
const rawBody = installed('raw-body');
const parseSql = installed('@zeit/cosmosdb-query').default;

// ---- partition keys: of all types, nested, of several levels, none

/** What stands for a missing value, as in the header that names it. */
const MISSING = {};
const name = components => JSON.stringify(components.map(c => (c === undefined ? MISSING : c)));
const at = (document, path) =>
  path.slice(1).split('/').reduce((o, k) => (o == null ? undefined : o[k.replace(/"/g, '')]), document);
const definition = collection => ({ paths: ['/id'], kind: 'Hash', ...collection.read().partitionKey });
/** What is no single value counts as missing. */
const single = value => (value !== null && typeof value === 'object' ? undefined : value);
const components = (collection, document) => definition(collection).paths.map(path => single(at(document, path)));

const setCollection = Collections.prototype._set;
Collections.prototype._set = function (data) {
  // Of version 1 unless it says so, and the client hashes accordingly.
  return setCollection.call(this, { ...data, partitionKey: { kind: 'Hash', version: 2, ...data.partitionKey } });
};
Documents.prototype._getPartition = function (data) {
  return name(components(this._parent, data));
};
header.parsePartitionKey = text => {
  if (text === undefined) throw new Error('no partition key header');
  return name(JSON.parse(text));
};

// ---- the hash of a partition key: Murmur3 of 128 bits, its upper two bits cleared

const MASK = (1n << 64n) - 1n;
const rotated = (x, by) => ((x << by) | (x >> (64n - by))) & MASK;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const mixed1 = k => (rotated((k * C1) & MASK, 31n) * C2) & MASK;
const mixed2 = k => (rotated((k * C2) & MASK, 33n) * C1) & MASK;
const finished = h => {
  h = ((h ^ (h >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  h = ((h ^ (h >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return h ^ (h >> 33n);
};

function murmur(bytes) {
  let [h1, h2, p] = [0n, 0n, 0];
  for (; p + 16 <= bytes.length; p += 16) {
    h1 ^= mixed1(bytes.readBigUInt64LE(p));
    h1 = (rotated(h1, 27n) + h2) & MASK;
    h1 = (h1 * 5n + 0x52dce729n) & MASK;
    h2 ^= mixed2(bytes.readBigUInt64LE(p + 8));
    h2 = (rotated(h2, 31n) + h1) & MASK;
    h2 = (h2 * 5n + 0x38495ab5n) & MASK;
  }
  const tail = Buffer.alloc(16);
  bytes.copy(tail, 0, p);
  h2 ^= mixed2(tail.readBigUInt64LE(8));
  h1 ^= mixed1(tail.readBigUInt64LE(0));
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  h1 = finished(h1);
  h2 = finished(h2);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  const hash = Buffer.alloc(16);
  hash.writeBigUInt64LE(h1, 0);
  hash.writeBigUInt64LE(h2, 8);
  return hash;
}

function encoded(value) {
  if (value === undefined || (value && typeof value === 'object')) return Buffer.from([0]);
  if (value === null) return Buffer.from([1]);
  if (typeof value === 'boolean') return Buffer.from([value ? 3 : 2]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes[0] = 5;
    bytes.writeDoubleLE(value, 1);
    return bytes;
  }
  return Buffer.concat([Buffer.from([8]), Buffer.from(value, 'utf8'), Buffer.from([0xff])]);
}

function hashed(collection, document) {
  return components(collection, document)
    .map(component => {
      const hash = Buffer.from(murmur(encoded(component))).reverse();
      hash[0] &= 0x3f;
      return hash.toString('hex').toUpperCase();
    })
    .join('');
}

/** Where ranges begin and end: 32 hex digits, or the client does not understand them. */
const bounds = Array.from({ length: ranges + 1 }, (_, i) =>
  i === 0 ? '' : i === ranges ? 'FF' : (((1n << 126n) * BigInt(i)) / BigInt(ranges)).toString(16).toUpperCase().padStart(32, '0')
);

// ---- the log of writes, for the change feed; entity tags in quotes, as the service has them

const logs = new WeakMap();
const logOf = documents => {
  if (!logs.has(documents)) logs.set(documents, { number: 0, writes: [] });
  return logs.get(documents);
};
const baseSet = Items.prototype._set;
const baseDelete = Items.prototype.delete;
const baseReplace = Items.prototype.replace;

Documents.prototype._set = function (data) {
  data._etag = `"${data._etag.replace(/"/g, '')}"`;
  data._attachments = 'attachments/';
  const log = logOf(this);
  log.number += 1;
  Object.defineProperty(data, 'hash', { value: hashed(this._parent, data), enumerable: false });
  Object.defineProperty(data, 'number', { value: log.number, enumerable: false });
  log.writes.push({ number: log.number, kind: this.replaced ? 'replace' : 'create', document: data, before: this.replaced });
  return baseSet.call(this, data);
};
Documents.prototype.delete = function (id, partition) {
  const before = this._item('/id', id, partition).read();
  const deleted = baseDelete.call(this, id, partition);
  if (!this.replaced) {
    const log = logOf(this);
    log.number += 1;
    log.writes.push({ number: log.number, kind: 'delete', before });
  }
  return deleted;
};
Documents.prototype.replace = function (data, before) {
  this.replaced = before;
  try {
    return baseReplace.call(this, data, before);
  } finally {
    this.replaced = undefined;
  }
};

// ---- requests

const account = new Account('localhost', 0);
const says = (request, what) => String(request.headers[what] || '').toLowerCase() === 'true';
const refused = (response, status, message) => {
  response.statusCode = status;
  return { code: String(status), message };
};

/** What is signed is the address by names, or the resource id alone, in lower case. */
function isSigned(request, path) {
  const sent = /^type=master&ver=1\.0&sig=(.+)$/.exec(decodeURIComponent(request.headers.authorization || ''));
  const feed = path.length % 2 === 1;
  const type = path.length === 0 ? '' : path[path.length - (feed ? 1 : 2)];
  const parent = feed ? path.slice(0, -1) : path;
  const date = String(request.headers['x-ms-date'] || '').toLowerCase();
  return Boolean(sent) && [parent.join('/'), (parent[parent.length - 1] || '').toLowerCase()].some(link => {
    const text = `${request.method.toLowerCase()}\n${type}\n${link}\n${date}\n\n`;
    return crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64') === sent[1];
  });
}

/** Whether a document is in what a request asks about. */
function scope(request, collection) {
  const partition = request.headers['x-ms-documentdb-partitionkey'];
  if (partition !== undefined) {
    const asked = JSON.parse(partition);
    const begin = name(asked).slice(0, -1) + ',';
    return d => {
      const own = name(components(collection, d));
      return own === name(asked) || (asked.length < definition(collection).paths.length && own.startsWith(begin));
    };
  }
  let [from, to] = ['', 'FF'];
  const range = request.headers['x-ms-documentdb-partitionkeyrangeid'];
  if (range !== undefined) {
    const number = Number(String(range).split(',').pop());
    [from, to] = [bounds[number], bounds[number + 1]];
  }
  const [start, end] = [request.headers['x-ms-start-epk'], request.headers['x-ms-end-epk']];
  if (start > from) from = start;
  if (end < to) to = end;
  return from === to ? d => d.hash === from : d => d.hash >= from && d.hash < to;
}

const most = request => {
  const size = Number(request.headers['x-ms-max-item-count'] || '100');
  return size > 0 ? size : 1000;
};

function listed(response, collection, documents) {
  response.setHeader('x-ms-item-count', String(documents.length));
  return { _rid: collection.read()._rid, Documents: documents, _count: documents.length };
}

function plan(query, response) {
  try {
    parseSql(query);
  } catch (e) {
    return refused(response, 400, e.message);
  }
  return {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo: {
      distinctType: 'None', orderBy: [], orderByExpressions: [], groupByExpressions: [], groupByAliases: [],
      aggregates: [], groupByAliasToAggregateType: {}, rewrittenQuery: '', hasSelectValue: false,
    },
    queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
  };
}

function queried(request, response, collection, query) {
  const documents = [...collection.documents._data.values()].map(item => item.read()).filter(scope(request, collection));
  let found;
  try {
    found = parseSql(query.query).exec(documents, { parameters: query.parameters || [], udf: {}, compositeIndexes: [] }).result;
  } catch (e) {
    return refused(response, 400, e.message);
  }
  const continuation = /from:(\d+)/.exec(request.headers['x-ms-continuation'] || '');
  const from = continuation ? Number(continuation[1]) : 0;
  const to = from + most(request);
  if (to < found.length) response.setHeader('x-ms-continuation', `{"token":"from:${to}"}`);
  return listed(response, collection, found.slice(from, to));
}

function changes(request, response, collection) {
  const log = logOf(collection.documents);
  const all = /full/i.test(request.headers['a-im']);
  const after = (request.headers['if-none-match'] || '').replace(/"/g, '');
  const from = after === '*' || (after === '' && all) ? log.number : Number(after);
  const modified = after === '' ? Math.floor(Date.parse(request.headers['if-modified-since'] || 0) / 1000) : 0;
  const inside = scope(request, collection);
  const changed = [];
  let last = from;
  for (const write of log.writes.filter(one => one.number > from)) {
    if (changed.length === most(request)) break;
    last = write.number;
    if (!inside(write.document || write.before)) continue;
    if (all) {
      const metadata = { operationType: write.kind, lsn: write.number, crts: (write.document || write.before)._ts };
      changed.push(write.document
        ? { current: write.document, metadata: { ...metadata, previousImageLSN: write.before ? write.before.number : 0 } }
        : { metadata: { ...metadata, previousImageLSN: write.before.number, id: write.before.id }, previous: write.before });
    } else {
      const now = write.document && collection.documents._data.get(write.document._rid);
      if (now && now.read() === write.document && write.document._ts >= modified) changed.push({ ...write.document, _lsn: write.number });
    }
  }
  response.setHeader('etag', `"${last}"`);
  if (changed.length === 0) {
    response.statusCode = 304;
    return undefined;
  }
  return listed(response, collection, changed);
}

function operated(collection, operation, partition) {
  const input = { ...operation, partitionKey: operation.partitionKey === undefined ? partition : operation.partitionKey };
  switch (operation.operationType) {
    case 'Create': return operations.createOperation(collection, input);
    case 'Upsert': return operations.upsertOperation(collection, input);
    case 'Read': return operations.readOperation(collection, input);
    case 'Delete': return operations.deleteOperation(collection, input);
    case 'Replace': return operations.replaceOperation(collection, input);
    case 'Patch': return patchOperation(collection, {
      id: operation.id, partitionKey: input.partitionKey, ifMatch: operation.ifMatch,
      operations: operation.resourceBody.operations, condition: operation.resourceBody.condition,
    });
    default: return { statusCode: 400 };
  }
}

function batch(request, response, collection, asked) {
  const atomic = says(request, 'x-ms-cosmos-batch-atomic');
  const goOn = says(request, 'x-ms-cosmos-batch-continue-on-error');
  const documents = collection.documents;
  const log = logOf(documents);
  const before = { data: new Map(documents._data), index: new Map(documents._index), number: log.number, writes: log.writes.length };
  const answers = [];
  let bad = -1;
  for (const operation of asked) {
    if (bad >= 0 && !goOn) {
      answers.push({ statusCode: 424, requestCharge: 0 });
      continue;
    }
    const answer = operated(collection, operation, request.headers['x-ms-documentdb-partitionkey']);
    if (answer.statusCode >= 400) {
      if (bad < 0) bad = answers.length;
      answers.push({ statusCode: answer.statusCode, requestCharge: 1 });
    } else {
      const body = answer.body || undefined;
      answers.push({ statusCode: answer.statusCode, requestCharge: 1, eTag: body && body._etag, resourceBody: body });
    }
  }
  if (bad >= 0) response.statusCode = 207;
  if (bad >= 0 && atomic) {
    documents._data = before.data;
    documents._index = before.index;
    log.number = before.number;
    log.writes.length = before.writes;
    return answers.map((answer, i) => (i === bad ? answer : { statusCode: 424, requestCharge: 0 }));
  }
  return answers;
}

async function answered(request, response) {
  request.url = new URL(request.url, 'http://x').pathname.replace(/^\/\/+/, '/').replace(/(.)\/+$/, '$1');
  const path = request.url.split('/').filter(Boolean).map(decodeURIComponent);
  const json = async () => JSON.parse((await rawBody(request)).toString() || 'null');
  if (!isSigned(request, path)) {
    await rawBody(request);
    return refused(response, 401, 'the signature is of another key');
  }
  if (path.length === 0) {
    const told = JSON.parse(JSON.stringify(account.read()));
    for (const locations of [told.writableLocations, told.readableLocations]) {
      locations[0].databaseAccountEndpoint = `http://${request.headers.host}/`;
    }
    return told;
  }
  response.setHeader('x-ms-alt-content-path', path.slice(0, path.length - (path.length % 2 ? 1 : 2)).join('/'));
  const collection = path[2] === 'colls' && path[3] ? account.database(path[1]).collection(path[3]) : null;
  if (collection && path[4] && !collection.read()) {
    await rawBody(request);
    response.setHeader('x-ms-substatus', '1003');
    return refused(response, 404, 'there is no such container');
  }
  if (collection && path[4] === 'pkranges') {
    response.setHeader('etag', '"ranges"');
    if (request.headers['if-none-match'] === '"ranges"') {
      response.statusCode = 304;
      return undefined;
    }
    const rid = collection.read()._rid;
    const all = Array.from({ length: ranges }, (_, i) => ({
      _rid: rid, id: String(i), _etag: '"e"', minInclusive: bounds[i], maxExclusive: bounds[i + 1], ridPrefix: i, _self: '',
      throughputFraction: 1 / ranges, status: 'online', parents: [], _ts: 1, lsn: 1,
    }));
    return { _rid: rid, PartitionKeyRanges: all, _count: ranges };
  }
  if (collection && path[4] === 'docs') {
    response.setHeader('x-ms-session-token', `0:-1#${logOf(collection.documents).number}`);
    response.setHeader('lsn', String(logOf(collection.documents).number));
    if (says(request, 'x-ms-cosmos-is-query-plan-request')) return plan((await json()).query, response);
    if (request.method === 'GET' && path.length === 5) {
      return request.headers['a-im'] ? changes(request, response, collection) : queried(request, response, collection, { query: 'SELECT * FROM c' });
    }
    if (says(request, 'x-ms-documentdb-isquery') || request.headers['content-type'] === 'application/query+json') {
      return queried(request, response, collection, await json());
    }
    if (request.method === 'GET') {
      const read = operations.readOperation(collection, { partitionKey: request.headers['x-ms-documentdb-partitionkey'], id: path[5] });
      response.statusCode = read.statusCode;
      return read.body;
    }
    if (says(request, 'x-ms-cosmos-is-batch-request')) return batch(request, response, collection, await json());
  }
  const routed = route(request);
  return routed ? routed[1](account, request, response, routed[0]) : refused(response, 400, 'no such resource here');
}

http
  .createServer(async (request, response) => {
    let body;
    try {
      body = await answered(request, response);
    } catch (e) {
      console.error(request.method, request.url, e);
      body = refused(response, 500, e.message);
    }
    if (response.statusCode >= 400 && body && !body.code) body = { code: String(response.statusCode), ...body };
    if (body && body._etag && !Array.isArray(body)) response.setHeader('etag', body._etag);
    response.setHeader('content-type', 'application/json');
    response.setHeader('x-ms-activity-id', crypto.randomUUID());
    response.setHeader('x-ms-request-charge', '1');
    response.end(body === undefined || response.statusCode === 304 || response.statusCode === 204 ? '' : JSON.stringify(body));
  })
  .listen(port, '127.0.0.1');
