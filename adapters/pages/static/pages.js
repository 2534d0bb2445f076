// Nothing here is needed: the pages work without script.
import { initAll } from './govuk-frontend.js'

initAll()
