// The second generation: event destinations, thin events, meter events in JSON.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import Stripe from 'stripe'
import { listen, received } from './endpoint.js'
import { createCustomer, eventually, invalid, stripe } from './sandbox.js'

const destinations = stripe.v2.core.eventDestinations

async function thinDestination(enabled_events = ['v1.billing.meter.error_report_triggered']) {
  const { deliveries, url } = await listen()
  const destination = await destinations.create({
    name: 'Usage errors',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events,
    webhook_endpoint: { url },
    include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'],
  })
  return { deliveries, destination, url, secret: destination.webhook_endpoint.signing_secret }
}

async function createMeter(event_name) {
  return stripe.billing.meters.create({ display_name: 'Calls', event_name, default_aggregation: { formula: 'sum' } })
}

async function moveTime(seconds) {
  const { frozen_time } = await stripe.testHelpers.testClocks.retrieve('clock_sandbox')
  await stripe.testHelpers.testClocks.advance('clock_sandbox', { frozen_time: frozen_time + seconds })
}

test('a destination shows its address and secret only to whom asks', async () => {
  const { destination, url, secret } = await thinDestination()
  assert.equal(destination.object, 'v2.core.event_destination')
  assert.equal(destination.status, 'enabled')
  assert.equal(destination.webhook_endpoint.url, url)
  assert.match(secret, /^whsec_/)
  const plain = await destinations.retrieve(destination.id)
  assert.equal(plain.webhook_endpoint, undefined)
  const withUrl = await destinations.retrieve(destination.id, { include: ['webhook_endpoint.url'] })
  assert.equal(withUrl.webhook_endpoint.url, url)
  assert.equal(withUrl.webhook_endpoint.signing_secret, undefined)
})

test('a destination is changed, rests, comes back and goes', async () => {
  const { destination } = await thinDestination()
  assert.equal((await destinations.update(destination.id, { name: 'Renamed' })).name, 'Renamed')
  const resting = await destinations.disable(destination.id)
  assert.deepEqual([resting.status, resting.status_details.disabled.reason], ['disabled', 'user'])
  assert.equal((await destinations.enable(destination.id)).status, 'enabled')
  const all = await destinations.list().autoPagingToArray({ limit: 100 })
  assert.ok(all.some((each) => each.id === destination.id))
  assert.equal((await destinations.del(destination.id)).id, destination.id)
  await assert.rejects(destinations.retrieve(destination.id), { statusCode: 404 })
})

test('a ping arrives as a thin event that the client verifies and reads', async () => {
  const { deliveries, destination, secret } = await thinDestination(['v2.core.event_destination.ping'])
  await destinations.ping(destination.id)
  await received(deliveries, 1)
  const { body, signature } = deliveries[0]
  const notification = stripe.parseEventNotification(body, signature, secret)
  assert.equal(notification.type, 'v2.core.event_destination.ping')
  assert.equal(notification.related_object.id, destination.id)
  const { StripeSignatureVerificationError } = Stripe.errors
  assert.throws(() => stripe.parseEventNotification(body, signature, 'whsec_other'), StripeSignatureVerificationError)
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, secret), 'no snapshot event')
})

test('usage that cannot be counted is reported later, by a thin event; details are fetched', async () => {
  const { deliveries, secret } = await thinDestination()
  const meter = await createMeter('thin_calls')
  await stripe.billing.meterEvents.create({
    event_name: 'thin_calls',
    identifier: 'for-nobody',
    payload: { stripe_customer_id: 'cus_none', value: '1' },
  })
  await moveTime(120)
  await received(deliveries, 1)
  const notification = stripe.parseEventNotification(deliveries[0].body, deliveries[0].signature, secret)
  assert.equal(notification.type, 'v1.billing.meter.error_report_triggered')
  assert.equal(notification.related_object.id, meter.id)
  assert.equal(JSON.parse(deliveries[0].body).data, undefined, 'thin')
  const event = await stripe.v2.core.events.retrieve(notification.id)
  const [kind] = event.data.reason.error_types
  assert.equal(kind.code, 'meter_event_customer_not_found')
  assert.equal(kind.sample_errors[0].request.identifier, 'for-nobody')
  assert.equal((await notification.fetchRelatedObject()).event_name, 'thin_calls')
})

test('a meter event of the second generation is judged at once', async () => {
  await createMeter('judged_calls')
  const customer = await createCustomer()
  const payload = { stripe_customer_id: customer.id, value: '4' }
  const event = await stripe.v2.billing.meterEvents.create({ event_name: 'judged_calls', payload })
  assert.equal(event.object, 'v2.billing.meter_event')
  assert.ok(event.identifier.length > 0)
  await invalid(stripe.v2.billing.meterEvents.create({ event_name: 'never_made', payload }), { code: 'no_meter' })
  await invalid(stripe.v2.billing.meterEvents.create({ event_name: 'judged_calls', payload: { ...payload, value: 'many' } }), {
    code: 'meter_event_invalid_value',
  })
})

test('usage is taken back in the second generation too', async () => {
  const meter = await createMeter('taken_calls')
  const customer = await createCustomer()
  for (const [identifier, value] of [['taken-1', '4'], ['taken-2', '6']])
    await stripe.v2.billing.meterEvents.create({
      event_name: 'taken_calls',
      identifier,
      payload: { stripe_customer_id: customer.id, value },
    })
  const adjustment = await stripe.v2.billing.meterEventAdjustments.create({
    event_name: 'taken_calls',
    type: 'cancel',
    cancel: { identifier: 'taken-2' },
  })
  assert.equal(adjustment.cancel.identifier, 'taken-2')
  const { frozen_time: now } = await stripe.testHelpers.testClocks.retrieve('clock_sandbox')
  const sums = () =>
    stripe.billing.meters.listEventSummaries(meter.id, {
      customer: customer.id,
      start_time: now - (now % 60) - 3600,
      end_time: now - (now % 60) + 120,
    })
  await eventually(sums, ({ data }) => data.length === 1 && data[0].aggregated_value === 4, 'a sum of 4')
})

test('a stream needs the token of a session', async () => {
  const session = await stripe.v2.billing.meterEventSession.create()
  assert.ok(session.authentication_token.length > 0)
  assert.ok(new Date(session.expires_at) > new Date(session.created))
  await createMeter('streamed_calls')
  const customer = await createCustomer()
  const events = [1, 2, 3].map((value) => ({
    event_name: 'streamed_calls',
    payload: { stripe_customer_id: customer.id, value: String(value) },
  }))
  const post = (token) =>
    stripe.rawRequest('POST', '/v2/billing/meter_event_stream', { events }, { apiKey: token })
  await post(session.authentication_token)
  await assert.rejects(post('sk_test_stripe_node'), { statusCode: 401 })
})

test('thin events are listed, newest first', async () => {
  const { destination } = await thinDestination(['v2.core.event_destination.ping'])
  const ping = await destinations.ping(destination.id)
  const [newest] = (await stripe.v2.core.events.list({ limit: 1 })).data
  assert.equal(newest.id, ping.id)
  assert.equal(newest.object, 'v2.core.event')
})
