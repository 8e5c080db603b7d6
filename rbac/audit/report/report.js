'use strict';
// The page's questions and filters. It looks answers up in the data that stands in the page and
// decides none; everything shown is put in as text, never as markup; nothing is ever requested.
(() => {
  const D = JSON.parse(document.getElementById('data').textContent);
  const $ = id => document.getElementById(id);

  const el = (name, given, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given || {})) {
      if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) {
        made.setAttribute(key, value === true ? '' : value);
      }
    }
    made.append(...children.flat().filter(child => child !== null && child !== undefined));
    return made;
  };
  const code = text => el('code', null, text);
  const plural = (number, noun) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

  // --- what is known, by the numbers that name it

  const permissions = D.permissions.map(([type, action, level, ...needs]) =>
    ({ type, action, level, needs }));
  const grants = D.grants.map(([role, reach, place, why]) => {
    const [mark, keys, text] = D.rationales[why];
    return { role, reach, place, mark, keys, text };
  });
  const cellsOf = D.cells.map(numbers => {
    const cells = [];
    for (let at = 0; at < numbers.length; at += 4) {
      const [permission, reach, grant, path] = numbers.slice(at, at + 4);
      cells.push({ permission, reach, grant, path, ...permissions[permission] });
    }
    return cells;
  });
  const OWN = D.reaches.indexOf('own');
  const levelMark = level => el('span', { class: `level ${D.levels[level]}` }, D.levels[level]);
  const evidence = grant => grant.mark ? `${grant.mark}: ${grant.keys}` : '';

  // --- the state, which is also the address of what is shown

  const FIELDS = ['can', 'as', 'who', 'role', 'type', 'action', 'principal', 'find', 'why', 'pin'];
  const state = Object.fromEntries(FIELDS.map(field => [field, '']));

  const readAddress = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes('=')) return hash === '';
    const given = new URLSearchParams(hash);
    for (const field of FIELDS) state[field] = given.get(field) || '';
    return true;
  };
  const writeAddress = () => {
    const said = new URLSearchParams(FIELDS.filter(field => state[field])
      .map(field => [field, state[field]]));
    history.replaceState(null, '', `#${said}`);
  };

  const inputs = {};
  const field = (name, label, options, list) => {
    const set = event => { state[name] = event.target.value; changed(name); };
    const input = options
      ? el('select', { name, onchange: set }, options.map(([value, text]) => el('option', { value }, text)))
      : el('input', { name, type: 'search', autocomplete: 'off', spellcheck: 'false', list: list ? `${name}-list` : null, oninput: set });
    inputs[name] = input;
    const known = list ? el('datalist', { id: `${name}-list` }, list.map(value => el('option', { value }))) : null;
    return el('label', null, label, input, known);
  };
  const fill = () => {
    for (const [name, input] of Object.entries(inputs)) {
      if (input.value !== state[name]) input.value = state[name];
    }
  };

  // A name that is written in full means that name alone; a part of one, all that have it.
  const matcher = (query, names) => {
    const wanted = query.trim().toLowerCase();
    if (!wanted) return () => true;
    return names.includes(wanted) ? name => name === wanted : name => name.includes(wanted);
  };
  const anyOf = names => [['', 'any'], ...names.map(name => [name, name])];

  // --- who can

  const ASKED = [['secret', 'get_value'], ['secret', 'update_value'], ['organization', 'grant'],
    ['group', 'create_membership'], ['role_assignment', 'create'], ['environment', 'create_access_token'],
    ['runner', 'create_token'], ['project', 'delete'], ['organization', 'set_role'], ['billing', 'get']];
  const spelled = permission => `${D.types[permission.type]}.${D.actions[permission.action]}`;
  const byName = new Map(permissions.map((permission, number) => [spelled(permission), number]));
  const picks = ASKED.map(names => names.join('.')).filter(name => byName.has(name));

  const typeSelect = el('select', { id: 'can-type', onchange: () => { actionsOf(); ask(); } },
    D.types.map(name => el('option', { value: name }, name)));
  const actionSelect = el('select', { id: 'can-action', onchange: () => ask() });
  const result = el('div', { id: 'who-result' });
  const said = el('p', { id: 'who-count', role: 'status' });
  const pickButtons = picks.map(name => {
    const [type, action] = name.split('.');
    return el('button', { type: 'button', 'aria-pressed': 'false', 'data-can': name, onclick: () => { state.can = name; changed('can'); } }, `${action} ${type}`);
  });

  const actionsOf = () => {
    const names = permissions.filter(each => D.types[each.type] === typeSelect.value)
      .map(each => D.actions[each.action]).sort();
    actionSelect.replaceChildren(...names.map(name => el('option', { value: name }, name)));
  };
  const ask = () => { state.can = `${typeSelect.value}.${actionSelect.value}`; changed('can'); };

  const table = (caption, columns, rows) => el('div', { class: 'scroll tall', role: 'region', tabindex: '0', 'aria-label': caption },
    el('table', null, el('caption', null, caption),
      el('thead', null, el('tr', null, columns.map(column => el('th', { scope: 'col' }, column)))),
      el('tbody', null, rows)));
  const row = (first, ...cells) => el('tr', null, el('th', { scope: 'row' }, first), cells.map(cell => el('td', null, cell)));
  const FEW = 6;
  const list = (items, noun) => {
    const shown = el('ul', null, items.slice(0, FEW).map(item => el('li', null, code(item))));
    if (items.length <= FEW) return shown;
    const rest = el('ul', null, items.slice(FEW).map(item => el('li', null, code(item))));
    return [shown, el('details', null, el('summary', null, `${plural(items.length - FEW, noun)} more`), rest)];
  };
  const through = path => {
    const roles = D.paths[path].map(role => D.roles[role]);
    return roles.length === 1 ? 'itself' : roles.slice(1).join(' > ');
  };
  const why = grant => [el('div', { class: 'why' }, grant.text), el('div', { class: 'soft' }, evidence(grant))];

  const rolesWith = number => {
    const found = [];
    cellsOf.forEach((cells, role) => {
      const cell = cells.find(each => each.permission === number);
      const open = D.eligible[role].map(each => D.principals[each]);
      if (cell && (!state.as || open.includes(state.as))) found.push({ role, cell, open });
    });
    return found;
  };

  const givenBy = (relation, group) => group ? [`group `, code(D.groups[group])] : D.relations[relation] === 'self' ? 'being itself' : `being its ${D.relations[relation]}`;
  const answersTo = number => {
    const wanted = state.who.trim().toLowerCase();
    const kind = state.as ? `${state.as}:` : '';
    const found = [];
    for (const [role, relation, group, on, grant, path, who, what] of D.answers[number] || []) {
      let subjects = D.sets[who].map(each => D.subjects[each]).filter(name => name.startsWith(kind));
      let resources = D.sets[what].map(each => D.resources[each]);
      if (wanted) {
        const named = subjects.filter(name => name.includes(wanted));
        const meant = resources.filter(name => name.includes(wanted));
        const place = `${on < 0 ? '' : D.resources[on]} ${D.groups[group]} ${D.roles[role]}`;
        if (named.length) subjects = named;
        else if (meant.length) resources = meant;
        else if (!place.includes(wanted)) continue;
      }
      if (subjects.length) found.push({ role, relation, group, on, grant, path, subjects, resources });
    }
    return found;
  };

  const MOST = 100;
  const answerRows = found => found.map(each => row(
    list(each.subjects, 'subject'),
    [code(D.roles[each.role]), ' on ', each.on < 0 ? 'the resource itself' : code(D.resources[each.on])],
    givenBy(each.relation, each.group),
    list(each.resources, 'resource'),
    [code(grants[each.grant].place), el('div', { class: 'soft' }, `granted to ${D.roles[grants[each.grant].role]}`)]));

  const answersTable = found => {
    const columns = ['Who', 'Holds', 'Given by', 'May do it to', 'Deciding grant'];
    const shown = table('Everybody who may, on what, and why', columns, answerRows(found.slice(0, MOST)));
    if (found.length <= MOST) return [shown];
    const all = el('button', { type: 'button', onclick: () => {
      shown.querySelector('tbody').append(...answerRows(found.slice(MOST)));
      all.remove();
      shown.focus();
    } }, `Show ${plural(found.length - MOST, 'more row')}`);
    return [shown, all];
  };

  const showAnswers = () => {
    const number = byName.get(state.can);
    const permission = permissions[number];
    const roles = rolesWith(number);
    const parts = [];
    const action = D.actions[permission.action], type = D.types[permission.type];
    let sentence = `${plural(roles.length, 'role')} may ${action} ${type}`;
    parts.push(el('p', null, levelMark(permission.level), ` ${action} on ${type}. `,
      permission.needs.length ? ['Besides a role it takes: ', permission.needs.map(need => [code(need), ' '])].flat(2) : 'It takes nothing besides a role.'));
    parts.push(roles.length ? table('Roles that permit it, and the grant that decides',
      ['Role', 'May be held by', 'Reach', 'Granted to', 'Deciding grant', 'Why'],
      roles.map(({ role, cell, open }) => row(code(D.roles[role]), open.join(', '), D.reaches[cell.reach],
        through(cell.path), code(grants[cell.grant].place), why(grants[cell.grant])))) : el('p', { class: 'empty' }, 'No role permits it.'));
    if (D.answers) {
      const found = answersTo(number);
      const people = new Set(found.flatMap(each => each.subjects));
      const things = new Set(found.flatMap(each => each.resources));
      sentence += `; ${plural(people.size, 'subject')} can, on ${plural(things.size, 'resource')}`;
      parts.push(...(found.length ? answersTable(found) : [el('p', { class: 'empty' }, 'Nobody in the directory may do it.')]));
    }
    said.textContent = `${sentence}.`;
    result.replaceChildren(...parts);
  };

  const whoForm = el('form', { 'aria-label': 'Who can', onsubmit: event => event.preventDefault() },
    el('label', null, 'Type of resource', typeSelect), el('label', null, 'Action', actionSelect),
    field('as', 'Principal', anyOf(D.principals)),
    D.answers ? field('who', 'Subject, group or resource') : null);
  $('who-form').append(whoForm,
    el('ul', { class: 'picks', 'aria-label': 'Often asked' }, pickButtons.map(button => el('li', null, button))), said, result);

  // --- the heat map, and the filters

  const count = el('p', { id: 'map-count', role: 'status' });
  const clear = el('button', { type: 'button', onclick: () => {
    for (const name of ['role', 'type', 'action', 'principal', 'find', 'why']) state[name] = '';
    changed('role');
    inputs.role.focus();
  } }, 'Clear filters');
  $('map-form').append(el('form', { 'aria-label': 'Filters', onsubmit: event => event.preventDefault() },
    field('role', 'Role', null, D.roles), field('type', 'Type of resource', null, D.types),
    field('action', 'Action', null, [...D.actions].sort()), field('principal', 'Principal', anyOf(D.principals)), clear), count);

  const mapTable = $('map-table');
  const heads = [...mapTable.tHead.rows[0].cells].slice(1);
  const lines = [...mapTable.tBodies[0].rows];
  const boxes = lines.map(line => [...line.cells].slice(1));
  const buttons = [];
  lines.forEach((_, role) => boxes[role].forEach((box, type) => {
    const button = box.firstElementChild;
    if (button) buttons.push(Object.assign(button, { at: { role, type, cells: cellsOf[role].filter(each => each.type === type), shown: [] } }));
  }));

  const paint = button => {
    const { shown, role, type } = button.at;
    button.hidden = !shown.length;
    if (!shown.length) return;
    const strongest = Math.max(...shown.map(each => each.level));
    const own = shown.every(each => each.reach === OWN);
    const name = D.levels[strongest];
    const mark = `${name[0].toUpperCase()}${shown.length}${own ? '*' : ''}`;
    button.textContent = mark;
    button.className = own ? `${name} own` : name;
    button.setAttribute('aria-label', `${mark}, ${D.roles[role]} on ${D.types[type]}: ${plural(shown.length, 'action')}, strongest ${name}${own ? ', own only' : ''}`);
  };

  const showMap = () => {
    const roleIs = matcher(state.role, D.roles), typeIs = matcher(state.type, D.types), actionIs = matcher(state.action, D.actions);
    const open = role => !state.principal || D.eligible[role].some(each => D.principals[each] === state.principal);
    const narrow = state.role || state.type || state.action || state.principal;
    const rows = new Set(), columns = new Set();
    let actions = 0, cells = 0;
    for (const button of buttons) {
      const { role, type } = button.at;
      const here = roleIs(D.roles[role]) && open(role) && typeIs(D.types[type]);
      button.at.shown = here ? button.at.cells.filter(each => actionIs(D.actions[each.action])) : [];
      paint(button);
      if (button.at.shown.length) { rows.add(role); columns.add(type); cells += 1; actions += button.at.shown.length; }
    }
    lines.forEach((line, role) => { line.hidden = narrow && !rows.has(role); });
    heads.forEach((head, type) => { head.hidden = narrow && !columns.has(type); });
    boxes.forEach(line => line.forEach((box, type) => { box.hidden = narrow && !columns.has(type); }));
    count.textContent = `${plural(actions, 'action')} in ${plural(cells, 'cell')}: ${plural(rows.size, 'role')} on ${plural(columns.size, 'type')}.`;
    rove(buttons.find(button => button.tabIndex === 0 && !button.hidden) || buttons.find(button => !button.hidden));
  };

  const rove = button => {
    for (const each of buttons) each.tabIndex = each === button ? 0 : -1;
  };
  const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  const next = (from, [down, across]) => {
    const ahead = buttons.filter(each => !each.hidden && (down
      ? Math.sign(each.at.role - from.role) === down
      : each.at.role === from.role && Math.sign(each.at.type - from.type) === across));
    const far = each => Math.abs(each.at.role - from.role) * 1000 + Math.abs(each.at.type - from.type);
    return ahead.sort((one, other) => far(one) - far(other))[0];
  };
  mapTable.addEventListener('keydown', event => {
    const button = event.target.closest('button');
    if (!button) return;
    if (event.key === 'Escape') { tip.hidden = true; return; }
    const inRow = buttons.filter(each => !each.hidden && each.at.role === button.at.role);
    const to = STEPS[event.key] ? next(button.at, STEPS[event.key]) : { Home: inRow[0], End: inRow[inRow.length - 1] }[event.key];
    if (STEPS[event.key] || to) event.preventDefault();
    if (to) { rove(to); to.focus(); }
  });

  // --- what a cell says: pointed at, and pinned

  const tip = $('tip');
  let pointed = null;
  const near = button => {
    pointed = button;
    const { role, type, shown } = button.at;
    tip.replaceChildren(
      el('p', null, el('strong', null, D.roles[role]), ' on ', el('strong', null, D.types[type])),
      el('ul', null, shown.map(each => el('li', null, levelMark(each.level), ` ${D.actions[each.action]}`, each.reach === OWN ? ' (own)' : ''))));
    tip.hidden = false;
    place();
    heads.forEach((head, number) => head.classList.toggle('here', number === type));
    button.setAttribute('aria-describedby', 'tip');
  };
  const place = () => {
    if (tip.hidden || !pointed) return;
    const box = pointed.getBoundingClientRect(), size = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, innerWidth - size.width - 8));
    const below = box.bottom + 6 + size.height <= innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - size.height - 6)}px`;
  };
  const away = event => {
    if (event.relatedTarget && tip.contains(event.relatedTarget)) return;
    tip.hidden = true;
    for (const head of heads) head.classList.remove('here');
    if (event.target.removeAttribute) event.target.removeAttribute('aria-describedby');
  };
  for (const kind of ['mouseover', 'focusin']) {
    mapTable.addEventListener(kind, event => { const button = event.target.closest('button'); if (button) near(button); });
  }
  for (const kind of ['mouseout', 'focusout']) mapTable.addEventListener(kind, away);
  tip.addEventListener('mouseleave', away);
  addEventListener('scroll', event => { if (event.target !== tip) place(); }, { capture: true, passive: true });

  const nameOf = button => `${D.roles[button.at.role]}.${D.types[button.at.type]}`;
  const pinned = () => state.pin.split(' ').filter(name => buttons.some(button => nameOf(button) === name));
  const toggle = button => {
    const name = nameOf(button), now = pinned();
    state.pin = (now.includes(name) ? now.filter(each => each !== name) : [name, ...now]).join(' ');
    changed('pin');
  };
  mapTable.addEventListener('click', event => { const button = event.target.closest('button'); if (button) toggle(button); });
  const showPins = () => {
    const names = pinned();
    for (const button of buttons) button.setAttribute('aria-pressed', names.includes(nameOf(button)));
    $('pins').replaceChildren(...names.map(name => {
      const button = buttons.find(each => nameOf(each) === name);
      const { role, type, cells } = button.at;
      const title = `${D.roles[role]} on ${D.types[type]}`;
      const close = el('button', { type: 'button', 'aria-label': `Unpin ${title}`, onclick: () => { toggle(button); button.focus(); } }, 'Unpin');
      return el('div', { class: 'pinned' }, el('div', null, el('h3', null, title), close),
        table(`What ${D.roles[role]} may do to ${D.types[type]}`, ['Action', 'Level', 'Reach', 'Granted to', 'Deciding grant', 'Why'],
          cells.map(each => row(D.actions[each.action], levelMark(each.level), D.reaches[each.reach], through(each.path), code(grants[each.grant].place), why(grants[each.grant])))));
    }));
  };

  // --- the tables that stand in the page: grants, and everybody

  const filterRows = (id, noun, shown) => {
    const rows = $(`${id}-table`) ? [...$(`${id}-table`).tBodies[0].rows] : [];
    let kept = 0;
    for (const line of rows) { line.hidden = !shown(line); kept += !line.hidden; }
    if (rows.length) $(`${id}-count`).textContent = kept === rows.length ? `${plural(kept, noun)}.` : `${plural(kept, noun)} of ${rows.length.toLocaleString('en')}, as filtered.`;
  };
  const showGrants = () => {
    const roleIs = matcher(state.role, D.roles), typeIs = matcher(state.type, D.types), actionIs = matcher(state.action, D.actions);
    const wanted = state.why.trim().toLowerCase();
    const open = name => !state.principal || D.eligible[D.roles.indexOf(name)].some(each => D.principals[each] === state.principal);
    filterRows('grants', 'grant', line => {
      const [role, action, type] = [...line.cells].map(cell => cell.textContent);
      return roleIs(role) && open(role) && actionIs(action) && typeIs(type) && (!wanted || line.textContent.toLowerCase().includes(wanted));
    });
  };
  const showPeople = () => {
    const wanted = state.find.trim().toLowerCase(), roleIs = matcher(state.role, D.roles);
    filterRows('people', 'subject', line => {
      const [subject, , , roles] = line.cells;
      const kind = !state.principal || subject.textContent.startsWith(`${state.principal}:`);
      const held = !state.role || [...roles.querySelectorAll('code')].some(each => D.roles.includes(each.textContent) && roleIs(each.textContent));
      return kind && held && (!wanted || line.textContent.toLowerCase().includes(wanted));
    });
  };
  const form = (label, input) => el('form', { 'aria-label': label, onsubmit: event => event.preventDefault() }, input);
  $('grants-count').before(form('Search the grants', field('why', 'Words, a source or a place')));
  if ($('people-count')) $('people-count').before(form('Search the subjects', field('find', 'Subject, group or resource')));

  // --- one change at a time

  const showWho = () => {
    if (!byName.has(state.can)) state.can = picks[0] || spelled(permissions[0]);
    const [type, action] = state.can.split('.');
    if (typeSelect.value !== type || !actionSelect.options.length) { typeSelect.value = type; actionsOf(); }
    actionSelect.value = action;
    for (const button of pickButtons) button.setAttribute('aria-pressed', button.dataset.can === state.can);
    showAnswers();
  };
  const SHOWS = { can: [showWho], as: [showWho], who: [showWho], role: [showMap, showGrants, showPeople], type: [showMap, showGrants],
    action: [showMap, showGrants], principal: [showMap, showGrants, showPeople], find: [showPeople], why: [showGrants], pin: [showPins] };
  const changed = name => {
    tip.hidden = true;
    fill();
    for (const show of SHOWS[name]) show();
    writeAddress();
  };
  const showAll = () => { fill(); for (const show of new Set(Object.values(SHOWS).flat())) show(); };
  addEventListener('hashchange', () => { if (readAddress()) showAll(); });
  readAddress();
  showAll();

  // --- light and dark, and paper

  const theme = $('theme'), root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const label = () => { theme.textContent = dark() ? 'Light colours' : 'Dark colours'; };
  theme.hidden = false;
  theme.addEventListener('click', () => { root.dataset.theme = dark() ? 'light' : 'dark'; label(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', label);
  label();
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const each of folded) each.open = true;
  });
  addEventListener('afterprint', () => { for (const each of folded) each.open = false; });
})();
