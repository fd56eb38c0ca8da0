import { expect, it } from 'vitest';
import { contentProblems } from './check.ts';
import { generateFernetKey } from './fernet.ts';
import { generateSecrets } from './generate.ts';

const valid = generateSecrets();

const validWithout = (field: string) =>
  Object.fromEntries(Object.entries(valid).filter(([name]) => name !== field));

it('finds nothing wrong with valid secrets, optional ones included', () => {
  const complete = {
    ...valid,
    telegram_bot_token: '123456789:ABCdefGHIjklMNOpqrSTUvwxYZ',
    telegram_chat_id: '-1001234567890',
    airflow_fernet_key_previous: generateFernetKey(),
  };
  expect(contentProblems(complete)).toEqual([]);
});

it.each([
  ['super_user_password', 'Short1!', 'too short, expected at least 16 characters'],
  ['super_user_password', 'your_long_password', 'still a placeholder'],
  ['redis_password', 'redis_password_here', 'still a placeholder'],
  ['super_user_password', 'пароль_администратора', 'still a placeholder'],
  ['super_user_name', 'ваш_пользователь', 'expected a letter or underscore'],
  ['super_user_password', 'sixteen\ncharacters', 'holds a line break'],
  ['super_user_password', 'sixteen\u{d800}characters', 'not valid Unicode'],
  ['super_user_name', 'default', 'the name "default" is not allowed'],
  ['super_user_name', 'a b', 'expected a letter or underscore'],
  ['super_user_name', '<su>', 'expected a letter or underscore'],
  ['grafana_admin_email', 'nobody', 'not an e-mail address'],
  ['airflow_fernet_key', 'a'.repeat(43), 'not a Fernet key'],
  ['airflow_fernet_key', 'a'.repeat(44), 'not a Fernet key'],
  ['airflow_fernet_key', `${'!'.repeat(43)}=`, 'not a Fernet key'],
  ['airflow_jwt_secret', 'a'.repeat(63), 'too short, expected at least 64 characters'],
  ['airflow_jwt_secret', `$HOME${'a'.repeat(64)}`, 'Airflow expands'],
  ['airflow_api_secret_key', `~/${'a'.repeat(64)}`, 'Airflow expands'],
  ['telegram_bot_token', 'not a token at all', 'not a bot token'],
  ['telegram_chat_id', 'data-team', 'not a chat of Telegram'],
  ['telegram_chat_id', '@', 'not a chat of Telegram'],
  ['flower_password', 'sixteen,characters', 'Flower splits its accounts at commas'],
  ['flower_password', 'sixteen$characters', 'Airflow expands'],
  ['grafana_admin_password', ' sixteen characters', 'Grafana takes away the space around it'],
])('reports %s = %j', (field, value, problem) => {
  const problems = contentProblems({ ...valid, [field]: value });
  expect(problems.filter((found) => found.field === field).length).toBe(problems.length);
  expect(problems.map((found) => found.problem)).toContainEqual(expect.stringContaining(problem));
});

it.each(['sixteen,$characters', `sixteen'"\`\\ characters`, '~sixteen characters'])(
  'accepts %s where it can be carried',
  (value) => {
    expect(contentProblems({ ...valid, super_user_password: value })).toEqual([]);
  },
);

it('reports a missing field', () => {
  expect(contentProblems(validWithout('redis_password'))).toEqual([
    { field: 'redis_password', problem: 'missing' },
  ]);
});

it('reports an unknown field', () => {
  expect(contentProblems({ ...valid, redis_pasword: 'x' })).toEqual([
    { field: 'redis_pasword', problem: 'unknown field' },
  ]);
});

it('reports a value that is used twice', () => {
  const { super_user_password, airflow_fernet_key } = valid;
  expect(contentProblems({ ...valid, redis_password: super_user_password })).toEqual([
    { field: 'redis_password', problem: 'the same value as super_user_password' },
  ]);
  expect(contentProblems({ ...valid, airflow_fernet_key_previous: airflow_fernet_key })).toEqual([
    { field: 'airflow_fernet_key_previous', problem: 'the same value as airflow_fernet_key' },
  ]);
});

it('reports an administrator and a reader with one name, and lets other accounts share one', () => {
  expect(contentProblems({ ...valid, bi_user_name: valid.super_user_name })).toEqual([
    { field: 'bi_user_name', problem: 'the same name as super_user_name' },
  ]);
  expect(contentProblems({ ...valid, flower_user: valid.airflow_admin_user })).toEqual([]);
});

it('reports every problem at once and never a value', () => {
  const wrong = {
    ...validWithout('redis_password'),
    super_user_password: 'Sh0rt-value!',
    bi_user_password: valid.minio_root_password,
    airflow_fernet_key: 'n0t-a-fernet-key',
    postgres_password: 'your_p0stgres_value',
    surplus: 'surplus-value',
  };
  const problems = contentProblems(wrong);
  expect(problems.map(({ field }) => field).sort()).toEqual([
    'airflow_fernet_key',
    'minio_root_password',
    'postgres_password',
    'redis_password',
    'super_user_password',
    'surplus',
  ]);
  const text = JSON.stringify(problems);
  for (const field of problems.map((problem) => problem.field)) {
    const value = Object.entries(wrong).find(([name]) => name === field)?.[1];
    if (value !== undefined) expect(text).not.toContain(value);
  }
});
