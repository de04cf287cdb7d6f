// A buyer's journeys through the sandbox's hosted pages: without script, and with it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { arrive, examine, fillCard, look, openBrowser, openPage, press } from './browser.js'
import { eventually, openHouse } from './house.js'

let house, browser
before(async () => {
  ;[house, browser] = await Promise.all([openHouse(), openBrowser()])
})
after(async () => {
  await browser?.close()
  await house?.close()
})

const alertOf = (page) => page.getByRole('alert').textContent()
const isActive = (plan) => (tier) => tier.tier === plan && tier.status === 'active'

for (const javaScriptEnabled of [false, true]) {
  const word = javaScriptEnabled ? 'with' : 'without'
  describe(`${word} script`, () => {
    const who = (name) => `${name}_${word}`
    // Opens the Checkout page of a new customer.
    async function checkout(name, plan = 'starter') {
      await house.addCustomer(who(name))
      const url = await house.checkout(who(name), plan)
      const page = await openPage(browser, { javaScriptEnabled })
      await page.goto(url)
      return { page, url }
    }
    async function buy(name, plan = 'starter') {
      const { page } = await checkout(name, plan)
      await fillCard(page, '4242 4242 4242 4242')
      await press(page, 'Pay')
      await arrive(page, `${house.base}/?paid=${who(name)}`)
      await house.tier(who(name), isActive(plan), 'the plan to be active')
      return page
    }
    const subscriptionOf = (name) => house.api('GET', '/api/v1/subscriptions/tier', { customer: who(name) })

    test('a plan is bought with 4242…', async () => {
      const { page } = await checkout('buyer')
      assert.match(await page.locator('main').innerText(), /Starter[\s\S]*19\.00 EUR/)
      await fillCard(page, '4242 4242 4242 4242')
      await press(page, 'Pay')
      await arrive(page, `${house.base}/?paid=${who('buyer')}`)
      await house.tier(who('buyer'), isActive('starter'), 'the plan to be active')
      const clients = await house.api('GET', '/api/v1/entitlements/clients', { customer: who('buyer') })
      assert.deepEqual([clients.allowed, clients.limit], [true, 9])
    })

    test('a declined card buys nothing; another one on the same page does', async () => {
      const { page, url } = await checkout('declined')
      await fillCard(page, '4000 0000 0000 0002')
      await press(page, 'Pay')
      assert.match(await alertOf(page), /declined/)
      assert.equal(new URL(page.url()).origin, house.sandbox)
      const tier = await house.api('GET', '/api/v1/tiers/current', { customer: who('declined') })
      assert.equal(tier.status, 'free')
      await fillCard(page, '4242 4242 4242 4242')
      await press(page, 'Pay')
      await arrive(page, `${house.base}/?paid=${who('declined')}`)
      await house.tier(who('declined'), isActive('starter'), 'the plan to be active')
      await page.goto(url)
      assert.match(await page.locator('h1').textContent(), /Already paid/)
    })

    test('a number that is no test card is refused', async () => {
      const { page } = await checkout('stranger')
      await fillCard(page, '4111 1111 1111 1111')
      await press(page, 'Pay')
      assert.match(await alertOf(page), /test/)
      assert.ok(!(await page.content()).includes('4111'), 'the number is not shown again')
    })

    test('a card whose bank asks: refused, then confirmed', async () => {
      const { page } = await checkout('asked')
      await fillCard(page, '4000 0027 6000 3184')
      await press(page, 'Pay')
      await press(page, 'Fail')
      assert.match(await alertOf(page), /did not confirm/)
      const tier = await house.api('GET', '/api/v1/tiers/current', { customer: who('asked') })
      assert.equal(tier.status, 'free')
      await fillCard(page, '4000 0027 6000 3184')
      await press(page, 'Pay')
      await press(page, 'Complete')
      await arrive(page, `${house.base}/?paid=${who('asked')}`)
      await house.tier(who('asked'), isActive('starter'), 'the plan to be active')
    })

    test('a promotion code takes its part off', async () => {
      const coupon = await house.stripe('POST', '/v1/coupons', { percent_off: 50, duration: 'once' })
      const code = `HALF${word.toUpperCase()}`
      await house.stripe('POST', '/v1/promotion_codes', { 'promotion[type]': 'coupon', 'promotion[coupon]': coupon.id, code })
      const { page } = await checkout('saver')
      await page.getByLabel('Promotion code').fill('NOSUCHCODE')
      await fillCard(page, '4242 4242 4242 4242')
      await press(page, 'Pay')
      assert.match(await alertOf(page), /NOSUCHCODE|promotion code/i)
      await page.getByLabel('Promotion code').fill(code)
      await fillCard(page, '4242 4242 4242 4242')
      await press(page, 'Pay')
      await arrive(page, `${house.base}/?paid=${who('saver')}`)
      await house.tier(who('saver'), isActive('starter'), 'the plan to be active')
      const { data } = await eventually(() => house.api('GET', '/api/v1/invoices', { customer: who('saver') }),
        (list) => list.data[0]?.status === 'paid', 'the invoice')
      assert.equal(data[0].total, 950)
    })

    test('leaving changes nothing', async () => {
      const { page } = await checkout('leaver')
      await page.getByRole('link', { name: 'Leave without paying' }).click()
      await arrive(page, `${house.base}/?left=${who('leaver')}`)
      const tier = await house.api('GET', '/api/v1/tiers/current', { customer: who('leaver') })
      assert.equal(tier.status, 'free')
    })

    test('the portal cancels, resumes and replaces the card', async () => {
      const page = await buy('settled')
      const { url } = await house.api('POST', '/api/v1/portal', { customer: who('settled'), body: { return_url: `${house.base}/` } })
      await page.goto(url)
      assert.match(await page.locator('main').innerText(), /Starter/)
      await press(page, 'Cancel at period end')
      assert.match(await page.getByRole('status').textContent(), /ends with the paid period/)
      await eventually(() => subscriptionOf('settled'), (each) => each.cancel_at_period_end === true, 'the cancellation')
      await press(page, 'Keep the subscription')
      await eventually(() => subscriptionOf('settled'), (each) => each.cancel_at_period_end === false, 'the resumption')
      await fillCard(page, '5555 5555 5555 4444')
      await press(page, 'Use this card')
      assert.match(await page.getByRole('status').textContent(), /card was replaced/)
      await page.getByRole('link', { name: 'Back' }).click()
      await arrive(page, `${house.base}/`)
    })
  })
}

test('every page lets everybody in and looks right on a phone and on a desk', async () => {
  const customer = 'onlooker'
  await house.addCustomer(customer)
  const checkout = await house.checkout(customer, 'professional')
  await look(browser, house.base, 'landing')
  await look(browser, house.sandbox, 'sandbox')
  await look(browser, checkout, 'checkout')
  const page = await openPage(browser, { javaScriptEnabled: true, size: 'narrow' })
  await page.goto(checkout)
  await fillCard(page, '4000 0000 0000 0002')
  await press(page, 'Pay')
  await examine(page, 'checkout_declined_narrow')
  await fillCard(page, '4000 0027 6000 3184')
  await press(page, 'Pay')
  await examine(page, 'challenge_narrow')
  await press(page, 'Complete')
  await house.tier(customer, (tier) => tier.status === 'trialing', 'the trial')
  await look(browser, checkout, 'checkout_closed')
  const portal = (await house.api('POST', '/api/v1/portal', { customer })).url
  await look(browser, portal, 'portal')
})

// The last one, because it moves the clock that all share.
test('a renewal that the card does not pay is paid on the page of its invoice', async () => {
  const customer = 'debtor'
  await house.addCustomer(customer)
  const page = await openPage(browser, { javaScriptEnabled: false })
  await page.goto(await house.checkout(customer, 'starter'))
  await fillCard(page, '4242 4242 4242 4242')
  await press(page, 'Pay')
  await house.tier(customer, isActive('starter'), 'the plan to be active')
  await page.goto((await house.api('POST', '/api/v1/portal', { customer })).url)
  await fillCard(page, '4000 0000 0000 0341')
  await press(page, 'Use this card')
  assert.match(await page.getByRole('status').textContent(), /card was replaced/)
  await house.advance(33)
  await house.tier(customer, (tier) => tier.status === 'past_due', 'the renewal to fail')
  const { data } = await eventually(() => house.api('GET', '/api/v1/invoices', { customer }),
    (list) => list.data[0]?.status === 'open', 'the open invoice')
  const invoice = data[0].hosted_invoice_url
  await look(browser, invoice, 'invoice')
  await page.goto(invoice)
  assert.match(await page.locator('main').innerText(), /19\.00 EUR due/)
  await fillCard(page, '4000 0000 0000 0002')
  await press(page, 'Pay')
  assert.match(await alertOf(page), /declined/)
  await fillCard(page, '4242 4242 4242 4242')
  await press(page, 'Pay')
  assert.match(await page.locator('h1').textContent(), /Paid/)
  await house.tier(customer, isActive('starter'), 'the plan to be active again')
  await look(browser, invoice, 'invoice_paid')
})
