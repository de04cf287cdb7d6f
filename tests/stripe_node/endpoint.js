// A webhook endpoint of the test: a small server that keeps every delivery as it came.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { after } from 'node:test'
import { eventually } from './sandbox.js'

/// `status` answers the nth delivery.
export async function listen(status = () => 200) {
  const deliveries = []
  const server = createServer(async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    deliveries.push({ body: Buffer.concat(parts), signature: request.headers['stripe-signature'], headers: request.headers })
    response.writeHead(status(deliveries.length)).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  return { deliveries, url: `http://127.0.0.1:${server.address().port}/hook` }
}

export const received = (deliveries, count) =>
  eventually(() => deliveries, (all) => all.length >= count, `${count} deliveries`)
