// Debian's Chromium with and without script, phone and desk; every page that is shown is looked at.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const pictures = 'build/log/browser'
const sizes = { narrow: { width: 360, height: 780 }, wide: { width: 1280, height: 900 } }

export async function openBrowser() {
  mkdirSync(pictures, { recursive: true })
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  return chromium.launch({ executablePath: '/usr/bin/chromium', timeout: 120_000, args })
}

export async function openPage(browser, { javaScriptEnabled, size = 'wide' }) {
  const context = await browser.newContext({ javaScriptEnabled, viewport: sizes[size] })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  return page
}

/// Nobody is kept out and nothing sticks out: no serious finding of axe at either size, no scrolling sideways. Leaves a
/// picture of each size in build/log/browser.
export async function look(browser, url, name) {
  for (const size of Object.keys(sizes)) {
    const page = await openPage(browser, { javaScriptEnabled: true, size })
    await page.goto(url)
    await examine(page, `${name}_${size}`)
    await page.context().close()
  }
}

/// The same for a page that cannot be opened anew by its address.
export async function examine(page, name) {
  await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  assert.ok(tooWide <= 0, `${name} is ${tooWide} px wider than its window`)
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  const serious = violations.filter((each) => ['serious', 'critical'].includes(each.impact))
  assert.deepEqual(serious.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(' ')}`), [], name)
}

export async function fillCard(page, number) {
  await page.getByLabel('Card number').fill(number)
  await page.getByLabel('Expiry month').fill('12')
  await page.getByLabel('Expiry year').fill('2040')
  await page.getByLabel('Security code').fill('123')
}

export const press = (page, name) => page.getByRole('button', { name, exact: true }).click()
export const arrive = (page, url) => page.waitForURL(url)
