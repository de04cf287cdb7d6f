// Subscription schedules: a downgrade planned for the end of the paid period, called off, or carried out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, createClock, createPayer, createPrice, invalid, stripe, unix } from './sandbox.js'

const start = '2026-04-01T00:00:00Z'
const end = '2026-05-01T00:00:00Z'

async function subscribed() {
  const clock = (await createClock(start)).id
  const payer = await createPayer({ test_clock: clock })
  const pro = await createPrice(5000, { name: 'Pro' })
  const starter = await createPrice(3000, { name: 'Starter' })
  const subscription = await stripe.subscriptions.create({ customer: payer.id, items: [{ price: pro.id }] })
  return { clock, payer, pro, starter, id: subscription.id }
}

/// The downgrade to starter at the end of April, as Billhook plans it.
async function planned() {
  const parts = await subscribed()
  const made = await stripe.subscriptionSchedules.create({ from_subscription: parts.id })
  const schedule = await stripe.subscriptionSchedules.update(made.id, {
    end_behavior: 'release',
    proration_behavior: 'none',
    phases: [
      { items: [{ price: parts.pro.id, quantity: 1 }], start_date: made.phases[0].start_date, end_date: made.phases[0].end_date },
      { items: [{ price: parts.starter.id, quantity: 1 }], duration: { interval: 'month', interval_count: 1 } },
    ],
  })
  return { ...parts, schedule }
}

test('made from a subscription, a schedule mirrors the current period', async () => {
  const { id, pro } = await subscribed()
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id })
  assert.match(schedule.id, /^sub_sched_/)
  assert.equal(schedule.status, 'active')
  assert.equal(schedule.subscription, id)
  assert.equal(schedule.end_behavior, 'release')
  assert.equal(schedule.phases.length, 1)
  assert.deepEqual([schedule.phases[0].start_date, schedule.phases[0].end_date], [unix(start), unix(end)])
  assert.equal(schedule.phases[0].items[0].price, pro.id)
  assert.equal((await stripe.subscriptions.retrieve(id)).schedule, schedule.id)
})

test('one subscription has one schedule', async () => {
  const { id } = await planned()
  await invalid(stripe.subscriptionSchedules.create({ from_subscription: id }), { statusCode: 400 })
})

test('made from a subscription, a schedule takes nothing else', async () => {
  const { id } = await subscribed()
  await invalid(stripe.subscriptionSchedules.create({ from_subscription: id, end_behavior: 'cancel' }))
})

test('a planned downgrade changes nothing before its day', async () => {
  const { clock, id, pro, schedule } = await planned()
  assert.equal(schedule.phases.length, 2)
  assert.deepEqual([schedule.phases[1].start_date, schedule.phases[1].end_date], [unix(end), unix('2026-06-01T00:00:00Z')])
  assert.deepEqual([schedule.current_phase.start_date, schedule.current_phase.end_date], [unix(start), unix(end)])
  await advance(clock, '2026-04-30T23:00:00Z')
  const subscription = await stripe.subscriptions.retrieve(id)
  assert.equal(subscription.items.data[0].price.id, pro.id)
  assert.equal((await stripe.invoices.list({ subscription: id })).data.length, 1)
})

test('on its day the downgrade happens, and the renewal bills the new price', async () => {
  const { clock, id, payer, starter, schedule } = await planned()
  await advance(clock, '2026-05-01T02:00:00Z')
  const subscription = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
  assert.equal(subscription.items.data[0].price.id, starter.id)
  const invoice = subscription.latest_invoice
  assert.deepEqual([invoice.billing_reason, invoice.total, invoice.status], ['subscription_cycle', 3000, 'paid'])
  assert.equal(invoice.lines.data.length, 1, 'no proration')
  assert.equal((await stripe.customers.retrieve(payer.id)).balance, 0)
  assert.equal((await stripe.subscriptionSchedules.retrieve(schedule.id)).current_phase.start_date, unix(end))
})

test('after its last phase the schedule lets the subscription go on', async () => {
  const { clock, id, starter, schedule } = await planned()
  await advance(clock, '2026-05-01T02:00:00Z')
  await advance(clock, '2026-06-01T02:00:00Z')
  const done = await stripe.subscriptionSchedules.retrieve(schedule.id)
  assert.equal(done.released_subscription, id)
  assert.equal(done.subscription, null)
  assert.equal(done.status, 'released')
  const subscription = await stripe.subscriptions.retrieve(id)
  assert.deepEqual([subscription.status, subscription.schedule], ['active', null])
  assert.equal(subscription.items.data[0].price.id, starter.id)
})

test('released, the plan is off and the old price renews', async () => {
  const { clock, id, pro, schedule } = await planned()
  const released = await stripe.subscriptionSchedules.release(schedule.id)
  assert.deepEqual([released.status, released.released_subscription], ['released', id])
  assert.equal((await stripe.subscriptions.retrieve(id)).schedule, null)
  await invalid(stripe.subscriptionSchedules.release(schedule.id))
  await invalid(stripe.subscriptionSchedules.update(schedule.id, { end_behavior: 'cancel' }))
  await advance(clock, '2026-05-01T02:00:00Z')
  const subscription = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] })
  assert.equal(subscription.items.data[0].price.id, pro.id)
  assert.equal(subscription.latest_invoice.total, 5000)
})

test('canceled, a schedule takes its subscription with it', async () => {
  const { id, schedule } = await planned()
  assert.equal((await stripe.subscriptionSchedules.cancel(schedule.id)).status, 'canceled')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'canceled')
})

test('while a schedule is attached, the subscription cannot also be canceled at period end', async () => {
  const { id } = await planned()
  await invalid(stripe.subscriptions.update(id, { cancel_at_period_end: true }))
})

test('the start of the current phase cannot be moved', async () => {
  const { schedule, pro } = await planned()
  await invalid(
    stripe.subscriptionSchedules.update(schedule.id, {
      phases: [{ items: [{ price: pro.id, quantity: 1 }], start_date: unix(start) + 3600, end_date: unix(end) }],
    }),
  )
})

test('a schedule may end with a cancellation', async () => {
  const { clock, id, schedule, pro } = await planned()
  await stripe.subscriptionSchedules.update(schedule.id, {
    end_behavior: 'cancel',
    phases: [{ items: [{ price: pro.id, quantity: 1 }], start_date: unix(start), end_date: unix(end) }],
  })
  await advance(clock, '2026-05-01T02:00:00Z')
  assert.equal((await stripe.subscriptions.retrieve(id)).status, 'canceled')
  assert.equal((await stripe.subscriptionSchedules.retrieve(schedule.id)).status, 'completed')
})

test('a schedule can start a subscription later', async () => {
  const clock = (await createClock(start)).id
  const payer = await createPayer({ test_clock: clock })
  const price = await createPrice(2000)
  const schedule = await stripe.subscriptionSchedules.create({
    customer: payer.id,
    start_date: unix('2026-04-10T00:00:00Z'),
    phases: [{ items: [{ price: price.id, quantity: 1 }], duration: { interval: 'month', interval_count: 2 } }],
  })
  assert.deepEqual([schedule.status, schedule.subscription], ['not_started', null])
  await advance(clock, '2026-04-10T02:00:00Z')
  const begun = await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ['subscription'] })
  assert.equal(begun.status, 'active')
  assert.equal(begun.subscription.items.data[0].price.id, price.id)
})

test('schedules are listed by customer, and a preview shows the next phase', async () => {
  const { payer, schedule } = await planned()
  const list = await stripe.subscriptionSchedules.list({ customer: payer.id })
  assert.deepEqual(list.data.map((each) => each.id), [schedule.id])
  const preview = await stripe.invoices.createPreview({ customer: payer.id, schedule: schedule.id })
  assert.equal(preview.total, 3000)
})
