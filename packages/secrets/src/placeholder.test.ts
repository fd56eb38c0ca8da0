import { expect, it } from 'vitest';
import { isPlaceholder } from './placeholder.ts';

it.each([
  'your_password',
  'YOUR_SECRET_VALUE',
  'strong_password_here',
  'fernet_key_here',
  'bot_token_here',
  'changeme',
  'CHANGE_ME',
  'change-me-please',
  'ваш_пароль',
  'ваша_почта',
  'Пароль_администратора',
  '  your_password  ',
])('%s is a placeholder', (value) => {
  expect(isPlaceholder(value)).toBe(true);
});

it.each(['', 'su', 'admin@localhost', 'yours truly', 'here_is_my_key', 'unchanged', 'наш_секрет'])(
  '"%s" is not a placeholder',
  (value) => {
    expect(isPlaceholder(value)).toBe(false);
  },
);
