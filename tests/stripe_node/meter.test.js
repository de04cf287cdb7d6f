// Usage: meters, meter events, their correction and their sums.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, createClock, createCustomer, createPayer, createPrice, eventually, invalid, stripe, unix } from './sandbox.js'

const now = () => Math.floor(Date.now() / 1000)
const minute = (at) => at - (at % 60)

let made = 0
async function createMeter(formula = 'sum') {
  return stripe.billing.meters.create({
    display_name: 'Tokens',
    event_name: `tokens_${++made}`,
    default_aggregation: { formula },
  })
}

const report = (meter, customer, value, fields = {}) =>
  stripe.billing.meterEvents.create({
    event_name: meter.event_name,
    payload: { stripe_customer_id: customer, value: String(value) },
    ...fields,
  })

async function total(meter, customer) {
  const { data } = await stripe.billing.meters.listEventSummaries(meter.id, {
    customer,
    start_time: minute(now()) - 3600,
    end_time: minute(now()) + 60,
  })
  return data.reduce((sum, each) => sum + each.aggregated_value, 0)
}
const totalIs = (meter, customer, value) => eventually(() => total(meter, customer), (sum) => sum === value, `a sum of ${value}`)

test('a meter is named by its event, and its defaults are Stripe\'s', async () => {
  const meter = await createMeter()
  assert.match(meter.id, /^mtr_/)
  assert.equal(meter.status, 'active')
  assert.equal(meter.customer_mapping.event_payload_key, 'stripe_customer_id')
  assert.equal(meter.value_settings.event_payload_key, 'value')
  await invalid(stripe.billing.meters.create({ display_name: 'Again', event_name: meter.event_name, default_aggregation: { formula: 'sum' } }))
  assert.equal((await stripe.billing.meters.update(meter.id, { display_name: 'Words' })).display_name, 'Words')
})

test('a meter rests and comes back', async () => {
  const meter = await createMeter()
  assert.equal((await stripe.billing.meters.deactivate(meter.id)).status, 'inactive')
  const inactive = await stripe.billing.meters.list({ status: 'inactive' })
  assert.ok(inactive.data.some((each) => each.id === meter.id))
  assert.equal((await stripe.billing.meters.reactivate(meter.id)).status, 'active')
})

// What three reports of 5, 2 and 3 come to.
for (const [formula, expected] of [['sum', 10], ['count', 3], ['last', 3]])
  test(`the ${formula} of what was reported is ${expected}`, async () => {
    const [meter, { id }] = [await createMeter(formula), await createCustomer()]
    const at = now()
    await report(meter, id, 5, { timestamp: at - 20 })
    await report(meter, id, 2, { timestamp: at - 10 })
    await report(meter, id, 3, { timestamp: at })
    await totalIs(meter, id, expected)
  })

test('an identifier counts once', async () => {
  const [meter, { id }] = [await createMeter(), await createCustomer()]
  const event = await report(meter, id, 4, { identifier: `${id}-1` })
  assert.equal(event.identifier, `${id}-1`)
  await invalid(report(meter, id, 4, { identifier: `${id}-1` }))
  await totalIs(meter, id, 4)
})

test('a report is taken back by its identifier', async () => {
  const [meter, { id }] = [await createMeter(), await createCustomer()]
  await report(meter, id, 4)
  await report(meter, id, 6, { identifier: `${id}-wrong` })
  const adjustment = await stripe.billing.meterEventAdjustments.create({
    event_name: meter.event_name,
    type: 'cancel',
    cancel: { identifier: `${id}-wrong` },
  })
  assert.equal(adjustment.object, 'billing.meter_event_adjustment')
  await totalIs(meter, id, 4)
})

test('usage is counted for each customer apart', async () => {
  const [meter, first, second] = [await createMeter(), await createCustomer(), await createCustomer()]
  await report(meter, first.id, 1)
  await report(meter, second.id, 2)
  await totalIs(meter, first.id, 1)
  await totalIs(meter, second.id, 2)
})

test('a report is neither older than 35 days nor from the future', async () => {
  const [meter, { id }] = [await createMeter(), await createCustomer()]
  await invalid(report(meter, id, 1, { timestamp: now() - 36 * 86_400 }), { code: 'timestamp_too_far_in_past' })
  await invalid(report(meter, id, 1, { timestamp: now() + 3600 }), { code: 'timestamp_in_future' })
  await invalid(report(meter, id, 1, { identifier: 'i'.repeat(101) }))
})

test('sums are asked for whole minutes, or whole hours when grouped', async () => {
  const [meter, { id }] = [await createMeter(), await createCustomer()]
  const start = minute(now()) - 3600
  await invalid(stripe.billing.meters.listEventSummaries(meter.id, { customer: id, start_time: start + 1, end_time: start + 3600 }))
  const hour = now() - (now() % 3600)
  const grouped = await stripe.billing.meters.listEventSummaries(meter.id, {
    customer: id,
    start_time: hour - 7200,
    end_time: hour,
    value_grouping_window: 'hour',
  })
  assert.equal(grouped.object, 'list')
})

test('a metered price names its meter', async () => {
  const meter = await createMeter()
  const price = await createPrice(3, { recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } })
  assert.equal(price.recurring.usage_type, 'metered')
  assert.equal(price.recurring.meter, meter.id)
  await invalid(createPrice(3, { recurring: { interval: 'month', usage_type: 'metered' } }))
  await invalid(createPrice(3, { recurring: { interval: 'month', usage_type: 'metered', meter: 'mtr_none' } }), { code: 'resource_missing' })
})

async function subscribeMetered(fields = {}, itemFields = {}) {
  const meter = await createMeter()
  const clock = await createClock('2026-01-01T00:00:00Z')
  const payer = await createPayer({ test_clock: clock.id })
  const price = await createPrice(200, { recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } })
  const subscription = await stripe.subscriptions.create({ customer: payer.id, items: [{ price: price.id, ...itemFields }], ...fields })
  const invoices = async () => (await stripe.invoices.list({ subscription: subscription.id })).data.reverse()
  const invoicesAre = (count) => eventually(invoices, (list) => list.length === count, `${count} invoices`)
  return { meter, clock, payer, subscription, invoices, invoicesAre }
}

test('usage is billed when it is worth the threshold, and only once', async () => {
  const { meter, clock, payer, subscription, invoices, invoicesAre } = await subscribeMetered({ billing_thresholds: { amount_gte: 1000 } })
  assert.equal(subscription.billing_thresholds.amount_gte, 1000)
  await advance(clock.id, '2026-01-05T00:00:00Z')
  await report(meter, payer.id, 3) // 600
  await advance(clock.id, '2026-01-06T00:00:00Z')
  assert.equal((await invoices()).length, 1)
  await report(meter, payer.id, 3) // 1200
  await advance(clock.id, '2026-01-06T01:00:00Z')
  const [, reached] = await invoicesAre(2)
  assert.equal(reached.billing_reason, 'subscription_threshold')
  assert.equal(reached.total, 1200)
  assert.equal(reached.threshold_reason.amount_gte, 1000)
  assert.equal(reached.lines.data[0].quantity, 6)
  assert.equal(reached.lines.data[0].period.start, unix('2026-01-01T00:00:00Z'))
  await report(meter, payer.id, 2)
  await advance(clock.id, '2026-02-01T02:00:00Z')
  const [, , cycle] = await invoicesAre(3)
  assert.equal(cycle.billing_reason, 'subscription_cycle')
  assert.deepEqual([cycle.lines.data[0].quantity, cycle.total], [2, 400])
  // The next period counts from nothing.
  await report(meter, payer.id, 4)
  assert.equal((await stripe.invoices.createPreview({ subscription: subscription.id })).total, 800)
})

test('an item has a threshold of its own', async () => {
  const { meter, clock, payer, invoices, invoicesAre } = await subscribeMetered({}, { billing_thresholds: { usage_gte: 5 } })
  await advance(clock.id, '2026-01-05T00:00:00Z')
  await report(meter, payer.id, 4)
  await advance(clock.id, '2026-01-06T00:00:00Z')
  assert.equal((await invoices()).length, 1)
  await report(meter, payer.id, 1)
  await advance(clock.id, '2026-01-06T01:00:00Z')
  const [, reached] = await invoicesAre(2)
  assert.equal(reached.total, 1000)
  assert.deepEqual(
    reached.threshold_reason.item_reasons.map((each) => [each.usage_gte, each.line_item_ids]),
    [[5, [reached.lines.data[0].id]]],
  )
  await invalid(stripe.subscriptions.update(reached.parent.subscription_details.subscription, { billing_thresholds: { amount_gte: 49 } }), {
    param: 'billing_thresholds[amount_gte]',
  })
})
