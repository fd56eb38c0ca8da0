import axios from 'axios';

/** Sends a query to a node and gives the answer's text, whether it was accepted or refused. */
export async function ask(
  port: number,
  account: { readonly user: string; readonly password: string },
  query: string,
): Promise<string> {
  const { data } = await axios.post<string>(`http://127.0.0.1:${port}/`, query, {
    auth: { username: account.user, password: account.password },
    responseType: 'text',
    transformResponse: (text: string) => text.trim(),
    validateStatus: () => true,
    proxy: false,
  });
  return data;
}
