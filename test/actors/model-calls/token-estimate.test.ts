/**
 * The token estimate. Goal: rather too many than too few, whatever the script. Method: texts whose tokens were counted
 * once with a tokenizer of 200,000 entries (`o200k_base`, by the package `gpt-tokenizer` 3), and generated texts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimatedTokens } from '../../../actors/model-calls/token-estimate.ts';

/** What a text is, the text, and its tokens. */
const counted: readonly (readonly [what: string, text: string, tokens: number])[] = [
  [
    'English',
    'The committee deliberates about infrastructure, and nobody is surprised that it takes until Thursday.',
    17,
  ],
  [
    'German',
    'Die Gesellschaft hat gestern überraschend neue Verträge über Zuständigkeiten unterschrieben.',
    16,
  ],
  ['Polish', 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.', 26],
  ['Vietnamese', 'Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.', 22],
  ['Russian', 'Все люди рождаются свободными и равными в своем достоинстве и правах.', 17],
  ['Greek', 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.', 31],
  ['Arabic', 'يولد جميع الناس أحراراً متساوين في الكرامة والحقوق.', 18],
  ['Hebrew', 'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.', 20],
  ['Hindi', 'सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।', 25],
  ['Tamil', 'மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.', 21],
  ['Thai', 'มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ', 32],
  ['Lao', 'ມະນຸດທຸກຄົນເກີດມາມີສິດເສລີພາບແລະສະເໝີພາບທາງດ້ານກຽດສັກສີແລະສິດ', 114],
  ['Khmer', 'មនុស្សទាំងអស់កើតមកមានសេរីភាពនិងសមភាព', 23],
  ['Amharic', 'የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው።', 79],
  ['Georgian', 'ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.', 21],
  ['Chinese', '人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。', 24],
  ['Japanese', 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。', 35],
  ['Korean', '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.', 24],
  ['emoji', '😀👍🏽🧑‍🚀🇩🇪🎉', 16],
  ['hexadecimal', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 43],
  ['a UUID', '3b241101-e2bb-4255-8caf-4136c566a962', 20],
  ['base64', 'x8Qk0mZ1vT9bq3LhYw7uN2sPjE5rGdKfC4aXoIyVtUeRzMnBWJ6lHpDcOgSiFA+/', 55],
  ['digits', '31415926535897932384626433832795028841971693993751', 17],
  ['signs', '}]);//!==<>&&||%%$$##@@^^~~``"":;,,..', 18],
  ['JSON', '{"id":17,"name":"item 17","price":23.29,"tags":["a","b"],"ok":true}', 28],
  ['code', 'for (const x of items) {\n  if (x.id === 0) continue;\n  b.push(x.id ?? 0);\n}', 29],
  ['mathematics', '∑∫√∞≈≠≤≥∂∇∈∉⊂⊃∪∩', 27],
];

describe('the token estimate', () => {
  it.each(counted)('[HIS6] is not much less for %s', (_what, text, tokens) => {
    const estimated = estimatedTokens(text);
    expect(estimated).toBeGreaterThanOrEqual(tokens * 0.85);
    expect(estimated).toBeLessThanOrEqual(tokens * 2.3 + 2);
  });

  it('[HIS6] grows with the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        const both = estimatedTokens(`${one} ${other}`);
        expect(both).toBeGreaterThanOrEqual(Math.max(estimatedTokens(one), estimatedTokens(other)) - 1);
        expect(both).toBeLessThanOrEqual(estimatedTokens(one) + estimatedTokens(other) + 3);
      }),
    );
  });
});
